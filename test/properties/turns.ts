// Feeds upstream turns through decode and grammar in the ways the property tests need.
import { readdirSync, readFileSync } from 'node:fs';
import { Failure } from '../../src/failure.ts';
import { Decoder } from '../../src/responses/decode.ts';
import type { ResponsesEvent } from '../../src/responses/event.ts';
import { Grammar } from '../../src/responses/grammar.ts';

const folder = `${import.meta.dir}/../fixtures/turns`;

export interface Fixture {
  name: string;
  bytes: Uint8Array;
}

/** Every turn of test/fixtures/turns, by name. */
export function fixtures(): Fixture[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sse'))
    .sort()
    .map((file) => ({
      name: file.replace('.sse', ''),
      bytes: new Uint8Array(readFileSync(`${folder}/${file}`)),
    }));
}

export function fixture(name: string): Fixture {
  const found = fixtures().find((each) => each.name === name);
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return found;
}

export interface Outcome {
  events: ResponsesEvent[];
  /** The code of the failure, if the turn did not end well. */
  failure: Failure | undefined;
}

/**
 * The result of a turn whose bytes arrive in these chunks. Anything thrown that is not a Failure is a bug and rethrown.
 */
export function play(
  pieces: Iterable<Uint8Array>,
  accumulateText = true,
  sink?: (event: ResponsesEvent) => void,
): Outcome {
  const events: ResponsesEvent[] = [];
  let ids = 0;
  const grammar = new Grammar(
    (event) => {
      events.push(event);
      sink?.(event);
    },
    { newId: (prefix) => `${prefix}_made${++ids}`, nowMs: () => 1_795_187_761_000, accumulateText },
  );
  const decoder = new Decoder((event) => {
    grammar.push(event);
    if (grammar.finished) decoder.close();
  });
  try {
    for (const piece of pieces) decoder.push(piece);
    grammar.end();
    return { events, failure: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { events, failure: thrown };
  }
}

/** Two chunks, split before `at`. */
export function cut(bytes: Uint8Array, at: number): Uint8Array[] {
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The positions to split at: all of a short turn; in a longer one, those around line ends and multibyte characters, and
 * every fifth unless it is very long.
 */
export function cutPositions(bytes: Uint8Array): number[] {
  const positions: number[] = [];
  const step = bytes.length <= 3000 ? 1 : bytes.length <= 12_000 ? 5 : Number.POSITIVE_INFINITY;
  for (let at = 0; at <= bytes.length; at++) {
    const near =
      bytes[at] === 0x0a || bytes[at - 1] === 0x0a || bytes[at - 2] === 0x0a || (bytes[at] ?? 0) >= 0x80;
    if (at % step === 0 || (near && positions.length < 3000)) positions.push(at);
  }
  return positions;
}

/** A turn damaged in a way that the network, a proxy or a bug could damage it. */
export function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const text = new TextDecoder().decode(bytes);
  const frames = text.split('\n\n').filter((frame) => frame !== '');
  if (frames.length === 0) return bytes;
  const pick = () => Math.floor(random() * frames.length);
  switch (Math.floor(random() * 9)) {
    case 0: // lost
      frames.splice(pick(), 1);
      break;
    case 1: {
      // repeated
      const at = pick();
      frames.splice(at, 0, frames[at] as string);
      break;
    }
    case 2: {
      // swapped
      const [a, b] = [pick(), pick()];
      [frames[a], frames[b]] = [frames[b] as string, frames[a] as string];
      break;
    }
    case 3: // cut
      return bytes.subarray(0, Math.floor(random() * bytes.length));
    case 4: {
      // a byte changed
      const copy = bytes.slice();
      copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
      return copy;
    }
    case 5: // something new
      frames.splice(pick(), 0, 'data: {"type":"response.brand_new","item_id":"x","output_index":3,"a":null}');
      break;
    case 6: {
      // a field of another kind
      const at = pick();
      const values = ['null', '7', '"text"', '[]', '{}', 'true', '""', '-1'];
      const value = values[Math.floor(random() * values.length)] as string;
      frames[at] = (frames[at] as string).replace(
        /"(item|part|response|item_id|output_index|content_index|type|text|delta|arguments|id|content|summary|error|usage|output|status)":(?:"(?:[^"\\]|\\.)*"|\d+|null|true|false|\[\]|\{\})/,
        (_, key: string) => `"${key}":${value}`,
      );
      break;
    }
    case 7: {
      // a field missing
      const at = pick();
      frames[at] = (frames[at] as string).replace(/"\w+":(?:"(?:[^"\\]|\\.)*"|\d+),/, '');
      break;
    }
    default: {
      // an oversized field
      const at = pick();
      frames[at] = (frames[at] as string).replace('"delta":"', `"delta":"${'x'.repeat(20_000)}`);
    }
  }
  return new TextEncoder().encode(`${frames.join('\n\n')}\n\n`);
}
