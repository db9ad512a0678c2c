// The lines of a stream (docs/wire/ollama.md#streaming): JSON objects with a timestamp. The text around a delta is constant, so
// each line is a template around the delta (docs/bun.md#streams has measurements).
import type { Framing } from '../../stream/framing.ts';
import type { Answer, Clock, ToolCall } from './types.ts';

/** How /api/chat and /api/generate differ: the fields that contain the answer. */
export interface Shape {
  /** A delta, given as a JSON string literal, as fields of a line. */
  content(json: string): string;
  thinking(json: string): string;
  calls(calls: ToolCall[]): string;
  whole(answer: Answer): object;
}

/** In characters of JSON. Ollama's own client reads lines up to 8 MB (docs/wire/ollama.md#line-length). */
const maxDeltaLength = 1024 * 1024;

export class Lines {
  readonly #before: string;
  #stampedMs = Number.NaN;
  #stamp = '';

  constructor(
    private readonly shape: Shape,
    model: string,
    private readonly nowMs: Clock,
    private readonly framing: Framing,
  ) {
    this.#before = `${framing.before()}{"model":${JSON.stringify(model)},"created_at":"`;
  }

  /** `json`: a JSON string literal. */
  delta(kind: 'content' | 'thinking', json: string): string {
    if (json.length <= maxDeltaLength) return this.#line(this.shape[kind](json));
    return splitText(JSON.parse(json) as string)
      .map((chunk) => this.#line(this.shape[kind](JSON.stringify(chunk))))
      .join('');
  }

  calls(calls: ToolCall[]): string {
    return this.#line(this.shape.calls(calls));
  }

  /** A line without content, as a keep-alive. */
  empty(): string {
    return this.#line(this.shape.content('""'));
  }

  /** The last line, with an empty delta, since clients read its message (docs/wire/ollama.md#done-message). */
  end(ending: object): string {
    return `${this.#begin()}${this.shape.content('""')},${JSON.stringify(ending).slice(1)}${this.framing.after}`;
  }

  #line(fields: string): string {
    return `${this.#begin()}${fields},"done":false}${this.framing.after}`;
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

/** Does not split surrogate pairs. */
function splitText(text: string): string[] {
  const chunks: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + maxDeltaLength);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text[end - 1] ?? '')) end -= 1;
    chunks.push(text.slice(start, end));
    start = end;
  }
  return chunks;
}
