// The simulator's own events look like those written from the page: same events, same keys, same order.
import { afterAll, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, eventsIn, functionTool, startClient, user } from './client.ts';

const { simulator, events } = startClient();
afterAll(() => simulator.stop());

const folder = join(import.meta.dir, '../fixtures/turns');
const written = readdirSync(folder)
  .filter((name) => name.endsWith('.sse') && !name.startsWith('keepalives') && !name.startsWith('cut'))
  .flatMap((name) => eventsIn(readFileSync(join(folder, name), 'utf8')));

const keysOf = (event: Event) => Object.keys(event).join(' ');
const formsOf = (told: Event[], type: string) =>
  new Set(told.filter((event) => event.type === type).map(keysOf));

const custom = { type: 'custom', name: 'apply_patch' };
const turns: [string, object][] = [
  ['text with reasoning', { reasoning: { summary: 'auto' }, include: ['reasoning.encrypted_content'] }],
  ['a function call', { input: [user('get_weather')], tools: [functionTool('get_weather')] }],
  ['a custom call', { input: [user('apply_patch')], tools: [custom] }],
  ['a search', { input: [user('search')], tools: [{ type: 'web_search' }] }],
  ['an image', { input: [user('draw')], tools: [{ type: 'image_generation', partial_images: 1 }] }],
];

test.each(turns)('%s', async (_, fields) => {
  const told = await events(fields);
  for (const type of new Set(told.map((event) => event.type))) {
    expect([type, [...formsOf(told, type)]]).toEqual([type, [...formsOf(written, type)]]);
  }
  const items = (all: Event[]) =>
    all.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
  for (const item of items(told)) {
    const forms = items(written)
      .filter(({ type }) => type === item.type)
      .map(keysOf);
    const bare = item.encrypted_content === undefined && item.type === 'reasoning';
    if (!bare) expect(forms).toContain(keysOf(item));
  }
});

test('the response object has the keys of the written one, in their order', async () => {
  const of = (told: Event[]) => keysOf(told.find(({ type }) => type === 'response.created')!.response);
  expect(of(await events())).toBe(of(written));
});
