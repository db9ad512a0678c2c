// What is written of a response, and what is not: in pieces, without the account, never with a token.
import { describe, expect, test } from 'bun:test';
import { createLog } from '../../src/log.ts';
import { createPlayer } from '../../src/recordings/player.ts';
import { Recorder } from '../../src/recordings/recorder.ts';
import { parseRecording } from '../../src/recordings/recording.ts';

const url = 'https://upstream.example/backend-api/codex/responses';
const known = 'an-opaque-credential-that-codexd-knows';

/** `pieces`: the network reads of the response; an error breaks the connection. */
function start(pieces: (string | Uint8Array | Error)[], status = 200) {
  const written: { subject: string; text: string }[] = [];
  const lines: string[] = [];
  const headers = { 'set-cookie': 'c', 'retry-after': '1' };
  const recorder = new Recorder({
    fetch: async () => new Response(streamOf(pieces), { status, headers }),
    write: async (subject, text) => void written.push({ subject, text }),
    isSecret: (text) => text.includes(known),
    log: createLog({ level: 'debug', format: 'json', write: (line) => lines.push(line) }),
  });
  return { recorder, written, log: () => lines.join('') };
}

/** Records one exchange. */
async function record(pieces: (string | Uint8Array | Error)[], body: object = { model: 'm' }, status = 200) {
  const { recorder, written, log } = start(pieces, status);
  const response = await recorder.fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const read = await readsOf(response);
  await recorder.finish();
  return { written, read, log: log() };
}

function streamOf(pieces: (string | Uint8Array | Error)[]): ReadableStream<Uint8Array> {
  const left = [...pieces];
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = left.shift();
        if (piece === undefined) controller.close();
        else if (piece instanceof Error) controller.error(piece);
        else controller.enqueue(typeof piece === 'string' ? Buffer.from(piece) : piece);
      },
    },
    { highWaterMark: 0 },
  );
}

async function readsOf(response: Response): Promise<(string | Error)[]> {
  const reads: (string | Error)[] = [];
  const reader = response.body!.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      reads.push(Buffer.from(read.value).toString('latin1'));
    }
  } catch (thrown) {
    reads.push(thrown as Error);
  }
  return reads;
}

/** What a replay of the only recording reads. */
async function replay({ written }: { written: { text: string }[] }, body: object = { model: 'm' }) {
  const recording = parseRecording(written[0]!.text, 'one.json');
  const player = createPlayer([{ name: 'one.json', recording }]);
  return readsOf(await player(url, { method: 'POST', body: JSON.stringify(body) }));
}

test('every network read is a chunk, also of half characters', async () => {
  const euro = Buffer.from('data: €\n\n');
  const recorded = await record(['data: a\n', euro.subarray(0, 7), euro.subarray(7)]);
  expect(recorded.written).toMatchObject([{ subject: 'm' }]);
  expect(await replay(recorded)).toEqual(recorded.read);
  expect(recorded.read).toHaveLength(3);
});

test('a connection that broke breaks again in the same place', async () => {
  const recorded = await record(['data: a\n\n', new TypeError('reset')]);
  expect(await replay(recorded)).toEqual(['data: a\n\n', expect.any(TypeError)]);
});

describe('the account', () => {
  test('headers that name it are not written', async () => {
    const { written } = await record(['x']);
    expect(JSON.parse(written[0]!.text).response.headers).toEqual({ 'retry-after': '1' });
  });

  test('fields of events that name it are overwritten, also across chunks, which keep their length', async () => {
    const pieces = ['data: {"safety_identifier":"user-Se', 'cret","user": "Ada","text":"user-Secret"}\n\n'];
    const { written } = await record(pieces);
    const { chunks } = JSON.parse(written[0]!.text).response;
    expect(chunks).toEqual([
      'data: {"safety_identifier":"xxxxxxx',
      'xxxx","user": "xxx","text":"user-Secret"}\n\n',
    ]);
  });

  test('neither are the client’s installation and session', async () => {
    const { written } = await record(['x'], {
      model: 'm',
      prompt_cache_key: 'k',
      client_metadata: { a: 'b' },
    });
    expect(JSON.parse(written[0]!.text).request.body).toEqual({ model: 'm' });
  });

  test('a login that is refused is not recorded', async () => {
    expect((await record(['x'], { model: 'm' }, 401)).written).toEqual([]);
  });
});

describe('an exchange with a token is not written, and the log does not contain it', () => {
  const jwt = `eyJhbGciOiJub25lIn0.eyJ${'x'.repeat(40)}.sig`;
  const delta = (text: string) =>
    `data: {"type":"response.output_text.delta","delta":${JSON.stringify(text)}}\n\n`;
  test.each<[string, string[], object]>([
    ['in the prompt', ['x'], { model: 'm', input: `My token is ${jwt}` }],
    ['on a line of its own', ['x'], { model: 'm', input: `My key:\nsk-proj-0123456789abcdefghij` }],
    ['in quotes', ['x'], { model: 'm', input: 'export KEY=`at-0123456789abcdefghij`' }],
    ['that codexd knows', ['x'], { model: 'm', input: known }],
    ['in the answer', [delta(`It is ${jwt}`)], { model: 'm' }],
    ['split over two chunks', ['data: {"a":"sk-0123456789ab', 'cdefghijkl"}\n\n'], { model: 'm' }],
    ['spelled out by deltas', [...known].map(delta), { model: 'm' }],
  ])('%s', async (_, pieces, body) => {
    const { written, log } = await record(pieces, body);
    expect(written).toEqual([]);
    expect(log).toContain('contains a credential');
    expect(log).not.toContain(known);
    expect(log).not.toContain(jwt);
  });

  test('words that only look similar are written', async () => {
    const words = 'at-least-once-delivery-of-events-in-2026, sk-learn, ac_dc, and a@example.com.';
    expect((await record([delta(words)], { model: 'm', input: words })).written).toHaveLength(1);
  });
});

test('a response that is not read to its end breaks where it was left; nothing is written of one that had not begun', async () => {
  const { recorder, written } = start(['a', 'b']);
  const response = await recorder.fetch(url, { method: 'POST', body: '{"model":"m"}' });
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await recorder.finish();
  expect(await replay({ written })).toEqual(['a', expect.any(TypeError)]);
  await (await recorder.fetch(url, { method: 'POST', body: '{"model":"m"}' })).body!.cancel();
  await recorder.finish();
  expect(written).toHaveLength(1);
});
