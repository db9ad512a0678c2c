// Encodes a turn as text_completion frames (docs/wire/openai.md#completions).
import type { Failure } from '../../../failure.ts';
import {
  DeltaEvent,
  type LifecycleEvent,
  type ResponsesEvent,
  type TerminalEvent,
} from '../../../responses/event.ts';
import type { TurnEnd } from '../../../responses/response.ts';
import type { Encoder } from '../../../responses/translator.ts';
import { type Framing, framed, serverSentEvents } from '../../../stream/framing.ts';
import { chatUsage } from '../chat/finish.ts';
import { doneMark, Template } from '../chat/frames.ts';
import type { ChatUsage, FinishReason } from '../chat/types.ts';
import { openaiFailure } from '../errors.ts';
import { CompletionText, completionIdentity } from './text.ts';
import type { CompletionTranslation } from './types.ts';

export class CompletionEncoder implements Encoder {
  /** Without an id until `response.created`. */
  #frames: Frames;
  readonly #text: CompletionText;
  /** Whether deltas of the open part need no inspection. */
  #direct = false;
  #partFresh = false;
  #echoed = false;
  #finished = false;

  constructor(
    private readonly translation: CompletionTranslation,
    private readonly framing: Framing = serverSentEvents,
  ) {
    this.#frames = new Frames(translation, { id: '', created: 0 }, framing);
    this.#text = new CompletionText(translation.stop);
  }

  get finished(): boolean {
    return this.#finished;
  }

  push(event: ResponsesEvent): string {
    if (this.#finished) return '';
    if (event instanceof DeltaEvent) return this.#delta(event);
    switch (event.type) {
      case 'response.created':
        this.#frames = new Frames(
          this.translation,
          completionIdentity((event as LifecycleEvent).response),
          this.framing,
        );
        return '';
      case 'response.content_part.added':
        this.#direct = false;
        this.#partFresh = true;
        return '';
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish((event as TerminalEvent).response);
      default:
        return '';
    }
  }

  fail(failure: Failure): string {
    if (this.#finished) return '';
    this.#finished = true;
    return (
      framed(this.framing, undefined, openaiFailure(failure, 'prompt').body) + this.framing.aside(doneMark)
    );
  }

  heartbeat(): string {
    return this.translation.keepalive === 'chunk'
      ? this.#frames.text.of('')
      : this.framing.aside(': keep-alive');
  }

  #delta(event: DeltaEvent): string {
    const isRefusal = event.type === 'response.refusal.delta';
    if (!isRefusal && event.type !== 'response.output_text.delta') return '';
    if (event.json.length === 2) return ''; // ""
    if (this.#direct) return this.#frames.text.around(event.json);
    const visible = this.#text.push(event.delta, this.#partFresh, isRefusal);
    this.#partFresh = false;
    this.#direct = this.#text.isPlain;
    const out = this.#echo() + this.#shown(visible);
    return this.#text.stopped ? out + this.#finish({ status: 'completed' }) : out;
  }

  #echo(): string {
    if (this.#echoed) return '';
    this.#echoed = true;
    return this.#shown(this.translation.echo);
  }

  #shown(text: string): string {
    return text === '' ? '' : this.#frames.text.of(text);
  }

  #finish(response: TurnEnd): string {
    this.#finished = true;
    const rest = this.#echo() + this.#shown(this.#text.flush());
    const ending = this.#frames.finish(this.#text.finishReason(response));
    const counted = this.translation.includeUsage && response.usage;
    return (
      rest + ending + (counted ? this.#frames.usage(chatUsage(counted)) : '') + this.framing.aside(doneMark)
    );
  }
}

/** Created once per stream, since everything around a delta is constant. */
class Frames {
  readonly text: Template;
  readonly #top: string;
  readonly #end: string;
  readonly #after: string;

  constructor(
    { model, includeUsage }: CompletionTranslation,
    { id, created }: ReturnType<typeof completionIdentity>,
    { before, after }: Framing,
  ) {
    const top = { id, object: 'text_completion', created, model };
    this.#after = after;
    this.#top = `${before()}${JSON.stringify(top).slice(0, -1)},"choices":[`;
    this.#end = `${includeUsage ? '}],"usage":null}' : '}]}'}${after}`;
    this.text = new Template(
      `${this.#top}{"index":0,"text":`,
      `,"logprobs":null,"finish_reason":null${this.#end}`,
    );
  }

  finish(reason: FinishReason): string {
    return `${this.#top}{"index":0,"text":"","logprobs":null,"finish_reason":"${reason}"${this.#end}`;
  }

  usage(usage: ChatUsage): string {
    return `${this.#top}],"usage":${JSON.stringify(usage)}}${this.#after}`;
  }
}
