// Properties of every translator, whatever happens upstream: each prefix of each turn, and damaged turns, end in the
// API's own order or with its own failure.
import { describe, expect, test } from 'bun:test';
import type { Translation, Translator } from '../../src/responses/translator.ts';
import { type Framing, jsonLines } from '../../src/stream/framing.ts';
import { cutPositions, fixtures, mutate, play, randomFrom } from './turns.ts';

const context = {
  headers: new Headers(),
  reasoningStyle: 'reasoning_content',
  reasoningSummary: 'auto',
} as const;

export interface Checks {
  /** A request that is streamed, without `model` and `stream`. */
  body: object;
  /** The problems of a wire text; empty if it is well formed. */
  faults(text: string): string[];
}

/** An event without the id and the time that a response gets from codexd if the upstream gave it none. */
function withoutChance(event: string): unknown {
  return JSON.parse(
    event.replace(/"resp_[0-9a-f]{32}"/g, '"resp"').replace(/"created_at":\d+/g, '"created_at":0'),
  );
}

export function describeTranslator<T extends Translation>(
  translator: Translator<T>,
  { body, faults }: Checks,
  damagedTurns = 10_000,
): void {
  const translation = translator.request({ model: 'gpt-5.5', stream: true, ...body }, context);
  const wireText = (bytes: Uint8Array, framing?: Framing): string => {
    const encoder = translator.stream(translation, undefined, framing);
    let text = '';
    const { failure } = play([bytes], translator.repeatsText, (event) => {
      text += encoder.push(event);
    });
    if (failure !== undefined) text += encoder.fail(failure);
    else if (!encoder.finished) throw new Error('a whole turn left its encoder unfinished');
    return text;
  };

  describe(translator.name, () => {
    test('every prefix of every turn ends in order', () => {
      for (const { name, bytes } of fixtures().filter((each) => each.bytes.length < 20_000)) {
        for (const at of cutPositions(bytes).filter((position) => position % 7 === 0)) {
          const found = faults(wireText(bytes.subarray(0, at)));
          if (found.length > 0) throw new Error(`${name} cut at ${at}: ${found[0]}`);
        }
      }
    }, 120_000);

    const isFramed = /event-stream|ndjson/.test(translator.contentType);
    test.if(isFramed)(
      'the events of every turn are the same in any framing',
      () => {
        for (const { name, bytes } of fixtures()) {
          const messages = wireText(bytes, jsonLines).split('\n');
          expect(messages.pop()).toBe('');
          const usual = wireText(bytes).match(/(?<=^data: )\{[^\n]*/gm) ?? messages;
          expect({ name, events: messages.map(withoutChance) }).toEqual({
            name,
            events: usual.map(withoutChance),
          });
        }
      },
      120_000,
    );

    test(`${damagedTurns} damaged turns end in order`, () => {
      const seed = 3;
      const random = randomFrom(seed);
      const all = fixtures().filter(({ bytes }) => bytes.length < 20_000);
      for (let round = 0; round < damagedTurns; round++) {
        const { name, bytes } = all[Math.floor(random() * all.length)] as (typeof all)[number];
        let damaged = mutate(bytes, random);
        if (random() < 0.3) damaged = mutate(damaged, random);
        const found = faults(wireText(damaged));
        if (found.length > 0) throw new Error(`seed ${seed}, round ${round}, fixture ${name}: ${found[0]}`);
      }
      expect(all.length).toBeGreaterThan(25);
    }, 120_000);
  });
}
