// Where steps stand in a conversation, for clients that give calls no ids, or ids of their own.
import { isObject } from '../responses/fields.ts';
import type { InputItem, InputMessage } from '../responses/request.ts';
import { hasType, type OutputItem } from '../responses/response.ts';
import { type CallItem, isCall, segmentsOf } from './step.ts';

/** The position of each run that calls something, by its first call. */
export function positionsOf(input: readonly InputItem[]): Map<CallItem, string> {
  const found = new Map<CallItem, string>();
  walk(input, (first, position) => found.set(first, position));
  return found;
}

/** The position of the next step, which makes the calls of `output`. */
export function positionAfter(input: readonly InputItem[], output: readonly OutputItem[]): string {
  return walk(input, () => {}).next(output.flatMap((item) => callOf(item) ?? []));
}

function callOf(item: OutputItem): CallItem | undefined {
  return hasType(item, 'function_call') || hasType(item, 'custom_tool_call') ? item : undefined;
}

function walk(input: readonly InputItem[], found: (first: CallItem, position: string) => void): Positions {
  const positions = new Positions();
  for (const segment of segmentsOf(input)) {
    if ('user' in segment) positions.user(segment.user);
    else {
      const calls = segment.run.filter(isCall);
      if (calls[0] !== undefined) found(calls[0], positions.next(calls));
    }
  }
  return positions;
}

/**
 * A position is the last message of the user, the calls since then, and how often the same sequence occurred before.
 * Earlier messages and the system prompt do not count: clients shorten the one and put the time of day into the other.
 */
class Positions {
  #sequence = '';
  readonly #occurrences = new Map<string, number>();

  user({ content }: InputMessage): void {
    this.#sequence = sha256(content.map((part) => (isObject(part) ? part.text : part)));
  }

  next(calls: CallItem[]): string {
    this.#sequence = sha256([this.#sequence, calls.map((call) => [call.name, inputOf(call)])]);
    const earlier = this.#occurrences.get(this.#sequence) ?? 0;
    this.#occurrences.set(this.#sequence, earlier + 1);
    return `${this.#sequence} ${earlier}`;
  }
}

/** Longer arguments are compared as text, because parsing them again and again would take too long. */
const longestParsed = 20_000;

/**
 * A call's arguments as they look after any client's JSON library: the order of keys, spacing and the spelling of numbers
 * do not count. Home Assistant also leaves out empty values and decodes strings that hold a list or an object.
 */
function inputOf(call: CallItem): unknown {
  if (call.type === 'custom_tool_call') return call.input;
  const value = call.arguments.length > longestParsed ? undefined : decoded(call.arguments);
  if (!isObject(value)) return call.arguments;
  return members(value)
    .map(([key, member]): [string, unknown] => [
      key,
      typeof member === 'string' ? decodedText(member) : member,
    ])
    .filter(([, member]) => !isEmpty(member))
    .map(([key, member]) => [key, sorted(member)]);
}

function decodedText(text: string): unknown {
  return /^[[{]/.test(text) ? (decoded(text) ?? text) : text;
}

/** What Python counts as false. */
function isEmpty(value: unknown): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  return isObject(value) ? members(value).map(([key, member]) => [key, sorted(member)]) : value;
}

function members(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function decoded(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function sha256(value: unknown): string {
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(value)).digest('base64');
}
