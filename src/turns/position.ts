// Identifies steps by their position in a conversation, for clients that send calls without ids or with ids of their own.
import { isObject } from '../responses/fields.ts';
import type { InputItem, InputMessage } from '../responses/request.ts';
import { hasType, type OutputItem } from '../responses/response.ts';
import { type CallItem, isCall, splitConversation } from './step.ts';

/** The position of each run with calls, by its first call. */
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
  for (const part of splitConversation(input)) {
    if ('user' in part) positions.user(part.user);
    else {
      const calls = part.run.filter(isCall);
      if (calls[0] !== undefined) found(calls[0], positions.next(calls));
    }
  }
  return positions;
}

/**
 * A position consists of the user's last message, the calls since then, and how often the same sequence occurred before.
 * It does not depend on earlier messages, which clients shorten, or on the system prompt, which may contain the time of day.
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

/** Longer arguments are compared as text, because parsing them for every request would take too long. */
const longestParsed = 20_000;

/**
 * A call's arguments in a form that survives any client's JSON library: the order of keys, spacing and number formats do not
 * matter. Home Assistant also omits empty values and decodes strings that contain a list or an object.
 */
function inputOf(call: CallItem): unknown {
  if (call.type === 'custom_tool_call') return call.input;
  const value = call.arguments.length > longestParsed ? undefined : tryParse(call.arguments);
  if (!isObject(value)) return call.arguments;
  return members(value)
    .map(([key, member]): [string, unknown] => [
      key,
      typeof member === 'string' ? decodedText(member) : member,
    ])
    .filter(([, member]) => !isEmpty(member))
    .map(([key, member]) => [key, sortKeys(member)]);
}

function decodedText(text: string): unknown {
  return /^[[{]/.test(text) ? (tryParse(text) ?? text) : text;
}

/** Whether Python treats the value as false. */
function isEmpty(value: unknown): boolean {
  return !value || (typeof value === 'object' && Object.keys(value).length === 0);
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  return isObject(value) ? members(value).map(([key, member]) => [key, sortKeys(member)]) : value;
}

function members(value: Record<string, unknown>): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function tryParse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function sha256(value: unknown): string {
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(value)).digest('base64');
}
