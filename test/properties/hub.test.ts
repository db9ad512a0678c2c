// Properties of the hub for every turn of test/fixtures/turns: the result does not depend on how the bytes are split, the order holds
// for every prefix and any damage, and the outcome is always events or a Failure.
import { describe, expect, test } from 'bun:test';
import { Collector } from '../../src/responses/collect.ts';
import { checkGrammarOrder } from './grammar-order.ts';
import { cut, cutPositions, fixture, fixtures, mutate, type Outcome, play, randomFrom } from './turns.ts';

const told = ({ events, failure }: Outcome) =>
  JSON.stringify([events, failure?.kind, failure?.code, failure?.message]);

describe('chunk-splitting invariance', () => {
  for (const { name, bytes } of fixtures()) {
    test(`${name} says the same wherever it is cut`, () => {
      const whole = told(play([bytes]));
      for (const at of cutPositions(bytes)) {
        if (told(play(cut(bytes, at))) !== whole) throw new Error(`differs when cut at ${at}`);
      }
      const bytewise = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
      expect(told(play(bytewise))).toBe(whole);
    }, 60_000);

    test(`${name} says the same in random pieces`, () => {
      const seed = 20_261_120;
      const random = randomFrom(seed);
      const whole = told(play([bytes]));
      for (let round = 0; round < 50; round++) {
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; ) {
          const next = at + 1 + Math.floor(random() * 700);
          pieces.push(bytes.subarray(at, next));
          at = next;
        }
        if (told(play(pieces)) !== whole) throw new Error(`seed ${seed}, round ${round}`);
      }
    });
  }
});

describe('grammar', () => {
  for (const { name, bytes } of fixtures()) {
    test(`${name} and every prefix of it keep the order`, () => {
      for (const accumulateText of [true, false]) {
        const { events, failure } = play([bytes], accumulateText);
        checkGrammarOrder(events, failure === undefined);
        for (const at of cutPositions(bytes)) {
          const prefix = play([bytes.subarray(0, at)], accumulateText);
          checkGrammarOrder(prefix.events, prefix.failure === undefined);
          if (at < bytes.length - 2 && failure === undefined && prefix.failure === undefined) {
            throw new Error(`a stream cut at ${at} of ${bytes.length} passes as whole`);
          }
        }
      }
    }, 60_000);
  }

  test('the deltas add up to the texts of the finished items', () => {
    for (const { bytes } of fixtures()) {
      const collector = new Collector();
      const texts = new Map<string, string>();
      const { failure } = play([bytes], true, (event) => {
        collector.push(event);
        if ('json' in event) {
          const delta = event as { item_id: string; type: string; part_index: number; delta: string };
          const key = `${delta.item_id} ${delta.type} ${delta.part_index}`;
          texts.set(key, (texts.get(key) ?? '') + delta.delta);
        }
      });
      if (failure !== undefined) continue;
      for (const item of collector.output) {
        const fields = item as unknown as Record<
          string,
          { type: string; text?: string; refusal?: string }[] | string
        >;
        const expected: [string, string][] = [];
        for (const [index, part] of ((fields.content as never[]) ?? []).entries()) {
          const { type, text, refusal } = part as { type: string; text?: string; refusal?: string };
          expected.push([`response.${type}.delta ${index}`, text ?? refusal ?? '']);
        }
        for (const [index, part] of ((fields.summary as never[]) ?? []).entries()) {
          expected.push([`response.reasoning_summary_text.delta ${index}`, (part as { text: string }).text]);
        }
        if (item.type === 'function_call')
          expected.push(['response.function_call_arguments.delta 0', fields.arguments as string]);
        if (item.type === 'custom_tool_call')
          expected.push(['response.custom_tool_call_input.delta 0', fields.input as string]);
        for (const [key, text] of expected) expect(texts.get(`${item.id} ${key}`) ?? '').toBe(text);
      }
    }
  });

  test('10,000 damaged streams each end in order or in a named failure', () => {
    const seed = 7_777;
    const random = randomFrom(seed);
    const all = fixtures().filter(({ bytes }) => bytes.length < 100_000);
    for (let round = 0; round < 10_000; round++) {
      const { name, bytes } = all[Math.floor(random() * all.length)] as (typeof all)[number];
      let damaged = mutate(bytes, random);
      if (random() < 0.3) damaged = mutate(damaged, random);
      try {
        const { events, failure } = play([damaged], random() < 0.5);
        checkGrammarOrder(events, failure === undefined);
      } catch (cause) {
        throw new Error(`seed ${seed}, round ${round}, fixture ${name}: ${cause}`, { cause });
      }
    }
  }, 120_000);
});

describe('decode', () => {
  test('repeated frames are recognised only when nothing but the delta differs', () => {
    const { bytes } = fixture('interleaved-calls');
    const { events } = play([bytes]);
    const deltas = events.filter((event) => event.type === 'response.function_call_arguments.delta');
    const byItem = Map.groupBy(
      deltas as unknown as { item_id: string; delta: string }[],
      ({ item_id }) => item_id,
    );
    expect(
      [...byItem.values()].map((each) => JSON.parse(each.map(({ delta }) => delta).join(''))),
    ).toHaveLength(2);
  });
});
