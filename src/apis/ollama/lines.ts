// The lines of a stream (docs/wire/ollama.md#streaming): JSON objects with a timestamp. The text around a delta is constant, so
// each line is a template around the delta (docs/bun.md#streams has measurements).
import type { Failure } from '../../failure.ts';
import type { TurnEnd } from '../../responses/response.ts';
import type { TurnTimes } from '../../responses/translator.ts';
import { type Framing, framed, jsonLines } from '../../stream/framing.ts';
import { ollamaError } from './errors.ts';
import { endingOf } from './finish.ts';
import type { AnswerOutput } from './stream.ts';
import type { Answer, OllamaTranslation, ToolCall } from './types.ts';

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

export class Lines implements AnswerOutput {
  readonly #before: string;
  #stampedMs = Number.NaN;
  #stamp = '';

  constructor(
    private readonly shape: Shape,
    private readonly translation: OllamaTranslation,
    private readonly times: TurnTimes | undefined,
    private readonly framing: Framing = jsonLines,
  ) {
    this.#before = `${framing.before()}{"model":${JSON.stringify(translation.model)},"created_at":"`;
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
  end(end: TurnEnd): string {
    const ending = endingOf(end, this.translation, this.translation.nowMs(), this.times);
    return `${this.#begin()}${this.shape.content('""')},${JSON.stringify(ending).slice(1)}${this.framing.after}`;
  }

  /** The last line, without `done`, because the answer is incomplete (docs/wire/ollama.md#stream-error). */
  fail(failure: Failure): string {
    return framed(this.framing, undefined, ollamaError(failure));
  }

  #line(fields: string): string {
    return `${this.#begin()}${fields},"done":false}${this.framing.after}`;
  }

  #begin(): string {
    const nowMs = this.translation.nowMs();
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
