// `x-codex-turn-state` sends the steps of one turn to the same server upstream. Codex returns it until the user's next
// message; other clients do not know it, so it is kept here for them, by session.
import { isObject } from '../base/object.ts';
import type { InputItem } from '../responses/request.ts';

const mostSessions = 500;

export class TurnStates {
  /** In the order of use. */
  readonly #states = new Map<string, { turn: string; state: string }>();

  /** The state of the turn that `input` belongs to. */
  find(session: string, input: readonly InputItem[]): string | undefined {
    const known = this.#states.get(session);
    return known !== undefined && known.turn === turnOf(input) ? known.state : undefined;
  }

  keep(session: string, input: readonly InputItem[], state: string): void {
    this.#states.delete(session);
    this.#states.set(session, { turn: turnOf(input), state });
    if (this.#states.size <= mostSessions) return;
    const [oldest] = this.#states.keys();
    this.#states.delete(oldest as string);
  }
}

/** What stays the same from a message of the user to the next one: its place, and how its texts begin. */
function turnOf(input: readonly InputItem[]): string {
  const at = input.findLastIndex((item) => 'role' in item && item.role === 'user');
  const { content } = (input[at] ?? {}) as { content?: unknown };
  const parts: unknown[] = Array.isArray(content) ? content : [content];
  return `${at} ${Bun.hash(parts.map(beginningOf).join('\0'))}`;
}

/** Images may be megabytes: their type is enough. */
function beginningOf(part: unknown): string {
  const { text, type } = isObject(part) ? part : { text: part, type: undefined };
  return typeof text === 'string' ? text.slice(0, 1000) : String(type);
}
