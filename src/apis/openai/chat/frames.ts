// Where the parts of an answer go, and the frames of a chat stream, as templates that are created once per stream, since everything around a delta is constant
// (docs/wire/openai.md#chat-frame; docs/bun.md#streams has measurements).
import type { Failure } from '../../../failure.ts';
import type { TurnEnd } from '../../../responses/response.ts';
import { type Framing, framed, serverSentEvents } from '../../../stream/framing.ts';
import { openaiFailure } from '../errors.ts';
import { chatUsage } from './finish.ts';
import type { ChatTranslation, ChatUsage, FinishReason, UrlCitation } from './types.ts';

/** Marks the end of a stream. */
export const doneMark = 'data: [DONE]';

/** Where the text of a part goes. Both methods return what is to be sent. */
export interface TextOutput {
  /** `json`: a JSON string literal, quotes included. */
  around(json: string): string;
  of(text: string): string;
}

export type CallKey = 'function' | 'custom';

/** Where an answer goes: a stream (below), or a whole message (`whole.ts`). Methods return what is to be sent. */
export interface ChatOutput {
  readonly content: TextOutput;
  readonly refusal: TextOutput;
  /** Undefined if reasoning is hidden, or shown as content. */
  reasoning(): TextOutput | undefined;
  /** Before everything else. */
  opening(content: '' | null): string;
  /** Begins a call; `index` counts only calls. */
  call(index: number, id: string, key: CallKey, name: string): string;
  /** The arguments or input of that call. */
  callText(index: number, key: CallKey): TextOutput;
  annotations(annotations: UrlCitation[]): string;
  finish(reason: FinishReason, end: TurnEnd): string;
  fail(failure: Failure): string;
  heartbeat(): string;
}

/** A frame around one or two copies of a JSON string literal. */
export class Template implements TextOutput {
  constructor(
    private readonly before: string,
    private readonly after: string,
    private readonly between: string | undefined = undefined,
  ) {}

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
}

/** The field with the text of a call. */
const callFields = { function: 'arguments', custom: 'input' } as const;

export class Frames implements ChatOutput {
  readonly content: Template;
  readonly refusal: Template;
  readonly #top: string;
  readonly #head: string;
  readonly #end: string;
  readonly #tail: string;
  readonly #after: string;

  constructor(
    { id, created }: StreamIdentity,
    private readonly translation: ChatTranslation,
    private readonly framing: Framing = serverSentEvents,
  ) {
    const { model, includeUsage } = translation;
    const top = { id, object: 'chat.completion.chunk', created, model };
    this.#after = framing.after;
    this.#top = `${framing.before()}${JSON.stringify(top).slice(0, -1)},"choices":[`;
    this.#head = `${this.#top}{"index":0,"delta":`;
    // If the stream ends with a usage chunk, all others have `usage: null`.
    this.#end = `${includeUsage ? '}],"usage":null}' : '}]}'}${framing.after}`;
    this.#tail = `,"logprobs":null,"finish_reason":null${this.#end}`;
    this.content = this.#template('{"content":', '}');
    this.refusal = this.#template('{"refusal":', '}');
  }

  /** The first frame, and the only one with a role, because Python's helper concatenates repeated strings. */
  opening(content: '' | null): string {
    return this.#delta(JSON.stringify({ role: 'assistant', content, refusal: null }));
  }

  reasoning(): Template | undefined {
    switch (this.translation.reasoningStyle) {
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

  call(index: number, id: string, key: CallKey, name: string): string {
    const called = { name, [callFields[key]]: '' };
    const delta = this.translation.legacyFunctions
      ? { function_call: called }
      : { tool_calls: [{ index, id, type: key, [key]: called }] };
    return this.#delta(JSON.stringify(delta));
  }

  callText(index: number, key: CallKey): Template {
    if (this.translation.legacyFunctions) return this.#template('{"function_call":{"arguments":', '}}');
    return this.#template(`{"tool_calls":[{"index":${index},"${key}":{"${callFields[key]}":`, '}}]}');
  }

  annotations(annotations: UrlCitation[]): string {
    return this.#delta(JSON.stringify({ annotations }));
  }

  finish(reason: FinishReason, { usage }: TurnEnd): string {
    const last = `${this.#head}{},"logprobs":null,"finish_reason":"${reason}"${this.#end}`;
    const counted = this.translation.includeUsage && usage ? this.#usage(chatUsage(usage)) : '';
    return last + counted + this.framing.aside(doneMark);
  }

  fail(failure: Failure): string {
    return framed(this.framing, undefined, openaiFailure(failure).body) + this.framing.aside(doneMark);
  }

  /** An empty chunk for clients that do not support comments. */
  heartbeat(): string {
    return this.translation.keepalive === 'chunk' ? this.#delta('{}') : this.framing.aside(': keep-alive');
  }

  #usage(usage: ChatUsage): string {
    return `${this.#top}],"usage":${JSON.stringify(usage)}}${this.#after}`;
  }

  #delta(json: string): string {
    return this.#head + json + this.#tail;
  }

  #template(open: string, close: string): Template {
    return new Template(this.#head + open, close + this.#tail);
  }
}
