// The lines of a stream (docs/wire/ollama.md#streaming): one JSON object each, with its own time, ended by a line feed. What
// stands around a delta is constant, so deltas are put between two texts (docs/bun.md#streams has the numbers).
import type { Clock, Told, ToolCall } from './types.ts';

/** What distinguishes /api/chat from /api/generate: where the answer stands in a line and in a whole answer. */
export interface Shape {
  /** A delta, given as a JSON string literal, as fields of a line. */
  content(json: string): string;
  thinking(json: string): string;
  calls(calls: ToolCall[]): string;
  whole(told: Told): object;
}

/** Characters of a delta's JSON; Ollama's own client reads lines up to 8 MB (docs/wire/ollama.md#line-length). */
const longestDelta = 1024 * 1024;

export class Lines {
  readonly #before: string;
  #stampedMs = Number.NaN;
  #stamp = '';

  constructor(
    private readonly shape: Shape,
    model: string,
    private readonly nowMs: Clock,
  ) {
    this.#before = `{"model":${JSON.stringify(model)},"created_at":"`;
  }

  /** `json`: a JSON string literal. */
  delta(kind: 'content' | 'thinking', json: string): string {
    if (json.length <= longestDelta) return this.#line(this.shape[kind](json));
    return pieces(JSON.parse(json) as string)
      .map((piece) => this.#line(this.shape[kind](JSON.stringify(piece))))
      .join('');
  }

  calls(calls: ToolCall[]): string {
    return this.#line(this.shape.calls(calls));
  }

  /** A line that says nothing, for connections that must not fall silent. */
  empty(): string {
    return this.#line(this.shape.content('""'));
  }

  /** The last line: an empty delta, too, since clients read its message (docs/wire/ollama.md#done-message). */
  end(ending: object): string {
    return `${this.#begin()}${this.shape.content('""')},${JSON.stringify(ending).slice(1)}\n`;
  }

  #line(fields: string): string {
    return `${this.#begin()}${fields},"done":false}\n`;
  }

  #begin(): string {
    const nowMs = this.nowMs();
    if (nowMs !== this.#stampedMs) {
      this.#stampedMs = nowMs;
      this.#stamp = `${new Date(nowMs).toISOString()}",`;
    }
    return this.#before + this.#stamp;
  }
}

/** Never cut between the halves of a character. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + longestDelta);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end -= 1;
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}
