// The hand-written turns of test/fixtures/turns are what they claim to be.
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createParser } from 'eventsource-parser';
import type { Event } from './client.ts';

const folder = join(import.meta.dir, '../fixtures/turns');
const names = readdirSync(folder).filter((name) => name.endsWith('.sse'));
const cut = ['cut-mid-event.sse', 'cut-before-terminal.sse'];
const contradictory = ['text-done-differs.sse', 'arguments-done-differ.sse', 'split-surrogates.sse'];
const terminals = ['response.completed', 'response.incomplete', 'response.failed'];

function read(name: string): { events: Event[]; names: (string | undefined)[]; broken: string[] } {
  const found = { events: [] as Event[], names: [] as (string | undefined)[], broken: [] as string[] };
  const parser = createParser({
    onEvent({ data, event }) {
      try {
        found.events.push(JSON.parse(data));
        found.names.push(event);
      } catch {
        found.broken.push(data);
      }
    },
  });
  parser.feed(readFileSync(join(folder, name), 'utf8'));
  return found;
}

test('the README has a line for every fixture and no other', () => {
  const listed = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^- `(.+?)`:/gm)].map(
    (m) => m[1]!,
  );
  expect(listed.sort()).toEqual([...names].sort());
});

describe.each(names)('%s', (name) => {
  const { events, names: eventNames, broken } = read(name);

  test('is JSON throughout, its event names are its types', () => {
    expect(broken).toEqual(name.startsWith('keepalives') ? ['this is not JSON'] : []);
    for (const [i, event] of events.entries()) expect(eventNames[i]).toBe(event.type);
  });

  test('counts its events from 0 without a gap', () => {
    const numbers = events.map((event) => event.sequence_number).filter((n) => n !== undefined);
    expect(numbers).toEqual(numbers.map((_, i) => i));
  });

  test('ends in one terminal event, unless it is cut', () => {
    const ends = events.filter(({ type }) => terminals.includes(type));
    expect(ends).toHaveLength(cut.includes(name) ? 0 : 1);
    if (ends[0]) expect(events.at(-1)).toBe(ends[0]);
    expect(readFileSync(join(folder, name), 'utf8')).not.toContain('[DONE]');
  });

  test('its deltas add up to its finished items, unless it contradicts itself', () => {
    const agreements: boolean[] = [];
    for (const { item } of events.filter(({ type }) => type === 'response.output_item.done')) {
      const deltas = events.filter((event) => event.type?.endsWith('.delta') && event.item_id === item.id);
      if (deltas.length === 0) continue;
      const text = deltas.map(({ delta }) => delta).join('');
      const parts = [...(item.summary ?? []), ...(item.content ?? [])];
      const whole = item.arguments ?? item.input ?? parts.map((part) => part.text ?? part.refusal).join('');
      agreements.push(text === whole);
    }
    expect(agreements.every(Boolean)).toBe(!contradictory.includes(name));
  });
});

test('crlf and multi-line-data say what plain-text says', () => {
  const plain = read('plain-text.sse').events;
  expect(read('crlf.sse').events).toEqual(plain);
  expect(read('multi-line-data.sse').events).toEqual(plain);
  expect(readFileSync(join(folder, 'crlf.sse'), 'utf8')).not.toMatch(/[^\r]\n/);
});

test('unicode holds raw and escaped surrogate pairs, and a line separator', () => {
  const source = readFileSync(join(folder, 'unicode.sse'), 'utf8');
  expect(source).toContain('😀');
  expect(source).toContain('\\ud83d\\ude80');
  expect(source).toContain('\u2028');
});
