// Transcription requests with a JSON body and the recording as base64, as OpenRouter's clients and Open WebUI send them.
import { describe, expect, test } from 'bun:test';
import { useWorld } from './daemon.ts';
import { recordingsSent, spoken, spokenSent, spokenText, transcriptions } from './speech-support.ts';

const world = useWorld({ args: ['--max-upload-mb', '1'] });
const base64 = Buffer.from(spoken).toString('base64');

async function post(body: unknown, path = transcriptions) {
  const response = await fetch(world.daemon.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  return { status: response.status, headers: response.headers, answer: isJson ? JSON.parse(text) : text };
}

describe('the recording', () => {
  test.each([
    ['data and format', { data: base64, format: 'wav' }],
    ['a format that lies', { data: base64, format: 'mp3' }],
    ['a data URL', { data: `data:audio/wav;base64,${base64}` }],
    ['line breaks', { data: base64.replace(/.{76}/g, '$&\r\n'), format: 'wav' }],
    ['the alphabet of URLs, without padding', { data: Buffer.from(spoken).toString('base64url') }],
    ['the text alone', base64],
  ])('%s', async (_, audio) => {
    const { status, answer } = await post({ model: 'openai/whisper-1', input_audio: audio });
    expect({ status, text: answer.text }).toEqual({ status: 200, text: spokenText });
    expect(recordingsSent(world.simulator)).toEqual([spokenSent]);
  });
});

test('the fields beside it are those of the form', async () => {
  const { answer, headers } = await post({
    model: 'gpt-4o-transcribe',
    input_audio: { data: base64, format: 'wav' },
    language: 'de',
    temperature: 0.2,
    response_format: 'verbose_json',
    timestamp_granularities: ['segment'],
    prompt: null,
    provider: { sort: 'price' },
  });
  expect(answer).toMatchObject({ text: spokenText, language: 'german', segments: [{ start: 0, end: 2.5 }] });
  expect(headers.get('x-codexd-ignored')).toBe('provider');
  expect(recordingsSent(world.simulator)).toEqual([{ ...spokenSent, language: 'de' }]);
});

test('streamed, and without /v1', async () => {
  const body = { model: 'whisper-1', input_audio: { data: base64 }, stream: true };
  const { answer } = await post(body, '/audio/transcriptions');
  expect(answer).toContain('"type":"transcript.text.done"');
});

test.each([
  ['no recording', { model: 'whisper-1' }, 'input_audio', /required/],
  ['no data', { input_audio: { format: 'wav' } }, 'input_audio', /base64 in `data`/],
  ['no base64', { input_audio: { data: 'what?' } }, 'input_audio', /must be base64/],
  ['nothing', { input_audio: { data: '' } }, 'file', /empty/],
  ['a page', { input_audio: { data: Buffer.from('<html></html>').toString('base64') } }, 'file', /HTML/],
  ['a list', [], undefined, /JSON object/],
  ['broken JSON', '{"input_audio":', undefined, /not valid JSON/],
])('%s is a 400', async (_, body, param, message) => {
  const { status, answer } = await post(body);
  expect({ status, param: answer.error?.param ?? undefined }).toEqual({ status: 400, param });
  expect(answer.error.message).toMatch(message);
  expect(recordingsSent(world.simulator)).toEqual([]);
});

test('more than the limit of recordings is a 413', async () => {
  for (const bytes of [1024 * 1024 + 1, 4 * 1024 * 1024]) {
    const { status, answer } = await post({ input_audio: { data: Buffer.alloc(bytes).toString('base64') } });
    expect([status, answer.error.code]).toEqual([413, 'payload_too_large']);
  }
});
