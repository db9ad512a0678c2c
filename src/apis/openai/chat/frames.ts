// The frames of a chat stream, as templates that are created once per stream, since everything around a delta is constant
// (docs/wire/openai.md#chat-frame; docs/bun.md#streams has measurements).
import type { ReasoningStyle } from '../../../responses/translator.ts';
import type { Framing } from '../../../stream/framing.ts';
import type { ChatUsage, FinishReason, UrlCitation } from './types.ts';

/** Marks the end of a stream. */
export const doneMark = 'data: [DONE]';

/** A frame around one or two copies of a JSON string literal. */
export class Template {
  constructor(
    private readonly before: string,
    private readonly after: string,
    private readonly between: string | undefined = undefined,
  ) {}

  /** `json`: a JSON string literal, quotes included. */
  around(json: string): string {
    if (this.between === undefined) return this.before + json + this.after;
    return this.before + json + this.between + json + this.after;
  }

  of(text: string): string {
    return this.around(JSON.stringify(text));
  }
}

export interface StreamIdentity {
  id: string;
  created: number;
  model: string;
}

export class Frames {
  readonly content: Template;
  readonly refusal: Template;
  readonly #top: string;
  readonly #head: string;
  readonly #end: string;
  readonly #tail: string;
  readonly #after: string;

  /** `withUsage`: the stream ends with a usage chunk, so all other chunks have `usage: null`. */
  constructor({ id, created, model }: StreamIdentity, withUsage: boolean, framing: Framing) {
    const top = { id, object: 'chat.completion.chunk', created, model };
    this.#after = framing.after;
    this.#top = `${framing.before()}${JSON.stringify(top).slice(0, -1)},"choices":[`;
    this.#head = `${this.#top}{"index":0,"delta":`;
    this.#end = `${withUsage ? '}],"usage":null}' : '}]}'}${framing.after}`;
    this.#tail = `,"logprobs":null,"finish_reason":null${this.#end}`;
    this.content = this.#template('{"content":', '}');
    this.refusal = this.#template('{"refusal":', '}');
  }

  /** The first frame, and the only one with a role, because Python's helper concatenates repeated strings. */
  opening(content: '' | null): string {
    return this.#delta(JSON.stringify({ role: 'assistant', content, refusal: null }));
  }

  /** Undefined if reasoning is hidden, or shown as content. */
  reasoning(style: ReasoningStyle): Template | undefined {
    switch (style) {
      case 'reasoning_content':
        // Some clients read one key, some the other.
        return new Template(`${this.#head}{"reasoning_content":`, `}${this.#tail}`, ',"reasoning":');
      case 'o3':
        return this.#template('{"reasoning":{"content":[{"type":"text","text":', '}]}}');
      case 'think-tags':
      case 'none':
        return undefined;
    }
  }

  /** `index` counts only calls. */
  call(index: number, id: string, key: 'function' | 'custom', called: Record<string, string>): string {
    return this.#delta(JSON.stringify({ tool_calls: [{ index, id, type: key, [key]: called }] }));
  }

  callRest(index: number, key: 'function' | 'custom', field: 'arguments' | 'input'): Template {
    return this.#template(`{"tool_calls":[{"index":${index},"${key}":{"${field}":`, '}}]}');
  }

  legacyCall(name: string): string {
    return this.#delta(JSON.stringify({ function_call: { name, arguments: '' } }));
  }

  legacyCallRest(): Template {
    return this.#template('{"function_call":{"arguments":', '}}');
  }

  annotations(annotations: UrlCitation[]): string {
    return this.#delta(JSON.stringify({ annotations }));
  }

  /** An empty chunk, for clients that do not support comments. */
  empty(): string {
    return this.#delta('{}');
  }

  finish(reason: FinishReason): string {
    return `${this.#head}{},"logprobs":null,"finish_reason":"${reason}"${this.#end}`;
  }

  usage(usage: ChatUsage): string {
    return `${this.#top}],"usage":${JSON.stringify(usage)}}${this.#after}`;
  }

  #delta(json: string): string {
    return this.#head + json + this.#tail;
  }

  #template(open: string, close: string): Template {
    return new Template(this.#head + open, close + this.#tail);
  }
}
