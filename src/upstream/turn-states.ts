// `x-codex-turn-state` routes the steps of one turn to the same upstream server. Codex returns it until the user's next
// message. For other clients, which do not know it, codexd keeps it.
import { isObject } from '../base/object.ts';
import type { InputItem } from '../responses/request.ts';

const maxTurns = 1000;

export class TurnStates {
  /** By session and turn: sub-agents of one session run their own turns at the same time. Least recently used first. */
  readonly #states = new Map<string, string>();

  /** The state of the turn that `input` continues. One that ends with the user's message begins a turn. */
  find(session: string, input: readonly InputItem[]): string | undefined {
    return isBeginning(input) ? undefined : this.#states.get(keyOf(session, input));
  }

  /** The first state of a turn stays, as in Codex. */
  keep(session: string, input: readonly InputItem[], state: string): void {
    const key = keyOf(session, input);
    const first = isBeginning(input) ? undefined : this.#states.get(key);
    this.#states.delete(key);
    this.#states.set(key, first ?? state);
    if (this.#states.size <= maxTurns) return;
    const [oldest] = this.#states.keys();
    this.#states.delete(oldest as string);
  }
}

function keyOf(session: string, input: readonly InputItem[]): string {
  return `${session} ${turnOf(input)}`;
}

/** Identifies the user's last message by its position and by how its texts begin. */
function turnOf(input: readonly InputItem[]): string {
  const at = input.findLastIndex(isFromUser);
  const { content } = (input[at] ?? {}) as { content?: unknown };
  const parts: unknown[] = Array.isArray(content) ? content : [content];
  return `${at} ${Bun.hash(parts.map(beginningOf).join('\0'))}`;
}

function isBeginning(input: readonly InputItem[]): boolean {
  return input.findLastIndex(isFromUser) === input.length - 1;
}

function isFromUser(item: InputItem): boolean {
  return 'role' in item && item.role === 'user';
}

/** For images, which may be megabytes, their type is enough. */
function beginningOf(part: unknown): string {
  const { text, type } = isObject(part) ? part : { text: part, type: undefined };
  return typeof text === 'string' ? text.slice(0, 1000) : String(type);
}
