// `x-codex-turn-state` routes the steps of one turn to the same upstream server. Codex returns it until the user's next
// message. For other clients, which do not know it, codexd keeps it, by session.
import { isObject } from '../base/object.ts';
import type { InputItem } from '../responses/request.ts';

const maxSessions = 500;

export class TurnStates {
  /** Least recently used first. */
  readonly #states = new Map<string, { turn: string; state: string }>();

  /** The state of the turn that `input` belongs to. */
  find(session: string, input: readonly InputItem[]): string | undefined {
    const known = this.#states.get(session);
    return known !== undefined && known.turn === turnOf(input) ? known.state : undefined;
  }

  keep(session: string, input: readonly InputItem[], state: string): void {
    this.#states.delete(session);
    this.#states.set(session, { turn: turnOf(input), state });
    if (this.#states.size <= maxSessions) return;
    const [oldest] = this.#states.keys();
    this.#states.delete(oldest as string);
  }
}

/** Identifies the user's last message by its position and by how its texts begin. */
function turnOf(input: readonly InputItem[]): string {
  const at = input.findLastIndex((item) => 'role' in item && item.role === 'user');
  const { content } = (input[at] ?? {}) as { content?: unknown };
  const parts: unknown[] = Array.isArray(content) ? content : [content];
  return `${at} ${Bun.hash(parts.map(beginningOf).join('\0'))}`;
}

/** For images, which may be megabytes, their type is enough. */
function beginningOf(part: unknown): string {
  const { text, type } = isObject(part) ? part : { text: part, type: undefined };
  return typeof text === 'string' ? text.slice(0, 1000) : String(type);
}
