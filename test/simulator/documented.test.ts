// The simulator and docs/wire/upstream.md agree: the simulator does what the page lists.
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { startClient, user } from './client.ts';

const page = await Bun.file(join(import.meta.dir, '../../docs/wire/upstream.md')).text();

/** From the anchor to the next one at the start of a line. */
function section(anchor: string): string {
  const start = page.indexOf(`<a id="${anchor}"></a>`);
  if (start < 0) throw new Error(`docs/wire/upstream.md has no anchor ${anchor}`);
  const end = page.indexOf('\n<a id=', start + 1);
  return page.slice(start, end < 0 ? undefined : end);
}

function rows(anchor: string): string[][] {
  const lines = section(anchor).split('\n');
  const cells = lines.filter((line) => line.startsWith('| ')).map((line) => line.split('|').slice(1, -1));
  return cells.slice(2).map((row) => row.map((cell) => cell.trim()));
}

const { simulator, ask, events, call } = startClient();
afterAll(() => simulator.stop());

const listed = section('refused-parameters').split('So the body is built')[0]!;
const parameters = [...listed.matchAll(/`([a-z_]+)`/g)].map((match) => match[1]!);

test('the page lists refused parameters', () => {
  expect(parameters).toEqual(expect.arrayContaining(['temperature', 'max_output_tokens', 'generate']));
  expect(parameters.length).toBeGreaterThan(20);
});

test.each(parameters)('%s is refused as the page says', async (parameter) => {
  const response = await ask({ [parameter]: 1 });
  expect([response.status, await response.json()]).toEqual([
    400,
    { detail: `Unsupported parameter: ${parameter}` },
  ]);
});

test('the models are those of the table', async () => {
  const response = await call('codex/models');
  const { models } = (await response.json()) as { models: Record<string, unknown>[] };
  const served = models.map((model) => [
    model.slug,
    `${model.priority}${model.visibility === 'hide' ? ', hidden' : ''}`,
    `${model.context_window} / ${model.max_context_window}`,
    `${model.default_reasoning_level} … ${(model.supported_reasoning_levels as { effort: string }[]).at(-1)!.effort}`,
    model.minimal_client_version,
  ]);
  expect(served).toEqual(rows('bundled-models'));
  const classic = models.filter((model) => model.use_responses_lite === false);
  expect(classic.map(({ slug }) => slug)).toEqual(['gpt-5.5']);
});

test('every event the simulator sends is in the table, with its keys', async () => {
  const table = rows('events').flatMap(([types, keys]) =>
    names(types!).map((type) => ({ type, keys: keys! })),
  );
  const turns = await Promise.all([
    events({ reasoning: { effort: 'low', summary: 'auto' } }),
    events({
      tools: [{ type: 'function', name: 'f', strict: false, parameters: object }],
      input: [user('call f')],
    }),
  ]);
  for (const event of turns.flat()) {
    const row = table.find(({ type }) => type === event.type || matches(type, event.type));
    expect(row, event.type).toBeDefined();
    const keys = Object.keys(event).filter((key) => !everywhere.has(key));
    for (const key of keys) expect(row!.keys, `${event.type}: ${key}`).toMatch(mentions(key));
  }
});

const object = { type: 'object', properties: {} };
const everywhere = new Set(['type', 'sequence_number', 'obfuscation', 'safety_buffering']);

/** "`response.a.delta`, `.done`" names two events. */
function names(cell: string): string[] {
  const quoted = [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
  const stem = quoted[0]!.slice(0, quoted[0]!.lastIndexOf('.'));
  return quoted.map((name) => (name.startsWith('.') ? stem + name : name));
}

function matches(pattern: string, type: string): boolean {
  return pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1));
}

/** "the same ids" refers to those of the row above. */
function mentions(key: string): RegExp {
  return ['item_id', 'output_index', 'content_index'].includes(key)
    ? new RegExp(`\`${key}\`|the same ids`)
    : new RegExp(`\\b${key}\\b`);
}
