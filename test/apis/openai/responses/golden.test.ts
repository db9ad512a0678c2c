// Every upstream turn as the events of /v1/responses and as a whole response, in test/golden/openai-responses.
// `UPDATE=1` rewrites them.
import { describe, expect, test } from 'bun:test';
import OpenAI from 'openai';
import { describeGoldens } from '../../goldens.ts';
import { type Json, responseFaults, responsesEvents, responsesOrderFaults } from './order.ts';
import { codexHeaders, fixture, fixtures, streamOf, translate, translator, wholeOf } from './support.ts';

const golden = describeGoldens('openai-responses', {
  fixtures,
  fixture,
  stream: (turn) => streamOf(turn, translate()),
  whole: (turn) => wholeOf(turn, translate()),
});

test.each([
  'keepalives-and-private-events',
  'reasoning-then-text',
  'failed-rate-limit',
  'failed-usage-limit',
])('golden: %s for Codex', async (name) => {
  await golden(`${name}.codex.sse`, streamOf(await fixture(name), translate({}, codexHeaders)));
});

const clients = [
  ['an SDK', {}, {}],
  ['an SDK that asked for the blobs', { include: ['reasoning.encrypted_content'] }, {}],
  ['Codex', {}, codexHeaders],
] as const;

describe.each(clients)('every turn for %s', (_, body, headers) => {
  const translation = translate(body, headers);

  test.each(fixtures)('%s: the order is kept', async (name) => {
    const text = streamOf(await fixture(name), translation);
    expect(responsesOrderFaults(text, { codex: translation.codex })).toEqual([]);
  });

  test.each(fixtures)('%s: stream and whole are twins', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined) return;
    const whole = wholeOf(turn, translation);
    expect(responseFaults(whole)).toEqual([]);
    expect(responsesEvents(streamOf(turn, translation)).at(-1)?.response).toEqual(whole);
  });
});

describe("openai-node's own helper", () => {
  test.each(fixtures)('%s', async (name) => {
    const turn = await fixture(name);
    const translation = translate();
    const stream = reader(streamOf(turn, translation)).responses.stream({ model: 'gpt-5.5', input: 'Hi' });
    if (turn.failure !== undefined) {
      const thrown = await stream.finalResponse().catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(OpenAI.APIError);
      expect((thrown as Error).message).toContain(turn.failure.message);
      expect((thrown as { code: unknown }).code).toBe(turn.failure.code);
      return;
    }
    const { output_text: text, ...response } = await stream.finalResponse();
    const whole = wholeOf(turn, translation);
    expect(withoutParsed(response)).toEqual(whole);
    expect(text).toBe(textOf(whole));
  });
});

/** A client that gets this stream for every request. */
function reader(text: string): OpenAI {
  const headers = { 'content-type': translator.contentType };
  return new OpenAI({ apiKey: 'none', fetch: async () => new Response(text, { headers }) });
}

/** The helper adds parsed values to the response. */
function withoutParsed(value: unknown): unknown {
  const parsed = new Set(['parsed', 'parsed_arguments', 'output_parsed']);
  return JSON.parse(JSON.stringify(value, (key, each) => (parsed.has(key) ? undefined : each)));
}

function textOf(whole: Json): string {
  const parts = whole.output.flatMap((item: Json) => (item.type === 'message' ? item.content : []));
  return parts.map((part: Json) => part.text ?? '').join('');
}
