// Every upstream turn as the events of /v1/responses and as one response, kept in test/golden/openai-responses.
// `UPDATE=1` rewrites.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { type Json, responseFaults, responsesEvents, responsesOrderFaults } from '../responses-order.ts';
import { asked, codexHeaders, dialect, fixture, fixtures, streamOf, wholeOf } from './support.ts';

const goldenDir = join(import.meta.dir, '../../../golden/openai-responses');
/** 300 KB in one delta: nothing to read in a diff. */
const goldens = fixtures.filter((name) => name !== 'large-item' && name !== 'long-text');

async function golden(file: string, made: string): Promise<string> {
  const path = join(goldenDir, file);
  if (process.env.UPDATE) await Bun.write(path, made);
  return Bun.file(path).text();
}

describe('golden', () => {
  test.each(goldens)('%s as a stream', async (name) => {
    const made = streamOf(await fixture(name), asked());
    expect(made).toBe(await golden(`${name}.sse`, made));
  });

  test.each(goldens)('%s as a whole', async (name) => {
    const turn = await fixture(name);
    if (turn.failure !== undefined)
      return expect(await Bun.file(join(goldenDir, `${name}.json`)).exists()).toBeFalse();
    const made = `${JSON.stringify(wholeOf(turn, asked()), null, 2)}\n`;
    expect(made).toBe(await golden(`${name}.json`, made));
  });

  test.each([
    'keepalives-and-private-events',
    'reasoning-then-text',
    'failed-rate-limit',
    'failed-usage-limit',
  ])('%s for Codex', async (name) => {
    const made = streamOf(await fixture(name), asked({}, codexHeaders));
    expect(made).toBe(await golden(`${name}.codex.sse`, made));
  });

  test('no golden outlives its turn', () => {
    const kept = readdirSync(goldenDir).map((file) => file.slice(0, file.indexOf('.')));
    expect(kept.filter((name) => !goldens.includes(name))).toEqual([]);
  });
});

const clients = [
  ['an SDK', {}, {}],
  ['an SDK that asked for the blobs', { include: ['reasoning.encrypted_content'] }, {}],
  ['Codex', {}, codexHeaders],
] as const;

describe.each(clients)('every turn for %s', (_, body, headers) => {
  const translation = asked(body, headers);

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
    const translation = asked();
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

/** A client whose every request is answered with this stream. */
function reader(text: string): OpenAI {
  const headers = { 'content-type': dialect.contentType };
  return new OpenAI({ apiKey: 'none', fetch: async () => new Response(text, { headers }) });
}

/** The helper adds what it parsed to what it was sent. */
function withoutParsed(value: unknown): unknown {
  const parsed = new Set(['parsed', 'parsed_arguments', 'output_parsed']);
  return JSON.parse(JSON.stringify(value, (key, each) => (parsed.has(key) ? undefined : each)));
}

function textOf(whole: Json): string {
  const parts = whole.output.flatMap((item: Json) => (item.type === 'message' ? item.content : []));
  return parts.map((part: Json) => part.text ?? '').join('');
}
