// Encodes a turn: as chat.completion.chunk frames (docs/wire/openai.md#chat-frame, #sdk-accumulators) or, with another
// output, as a whole.
import type { Failure } from '../../../failure.ts';
import {
  DeltaEvent,
  type LifecycleEvent,
  type OutputItemEvent,
  type ResponsesEvent,
  type TerminalEvent,
} from '../../../responses/event.ts';
import {
  type CustomToolCall,
  type FunctionCall,
  hasType,
  type OutputItem,
  type TurnEnd,
} from '../../../responses/response.ts';
import type { Encoder } from '../../../responses/translator.ts';
import { StopScanner } from '../../stop.ts';
import {
  Citations,
  completionIdentity,
  isBlankSummary,
  mayBeBlankSummary,
  paragraphBreak,
  thinkClose,
  thinkOpen,
} from './answer.ts';
import { finishReason, isTruncatedCall } from './finish.ts';
import { type CallKey, type ChatOutput, Frames, type StreamIdentity, type TextOutput } from './frames.ts';
import type { ChatTranslation } from './types.ts';

export class ChatEncoder implements Encoder {
  /** Without an id until `response.created`. */
  #output: ChatOutput;
  /** Where deltas of the open part go that need no inspection; undefined if they do. */
  #direct: TextOutput | undefined;
  /** True until some of the open part has been sent. */
  #partFresh = false;
  /** The beginning of a summary that may still be blank. */
  #heldSummary = '';
  readonly #scanner: StopScanner | undefined;
  readonly #citations = new Citations();
  readonly #calls = { count: 0, truncated: false };
  #opened = false;
  #reasoned = false;
  /** Think tags open once, before the rest of the answer; later reasoning is not shown. */
  #thinking: 'not yet' | 'open' | 'over' = 'not yet';
  #hasText = false;
  #hasRefusal = false;
  #finished = false;

  constructor(
    private readonly translation: ChatTranslation,
    private readonly open: (identity: StreamIdentity) => ChatOutput = (identity) =>
      new Frames(identity, translation),
  ) {
    this.#output = open({ id: '', created: 0 });
    if (translation.stop.length > 0) this.#scanner = new StopScanner(translation.stop);
  }

  get finished(): boolean {
    return this.#finished;
  }

  push(event: ResponsesEvent): string {
    if (this.#finished) return '';
    if (event instanceof DeltaEvent) {
      if (event.json.length === 2) return ''; // ""
      return this.#direct === undefined ? this.#delta(event) : this.#direct.around(event.json);
    }
    switch (event.type) {
      case 'response.created':
        this.#output = this.open(completionIdentity((event as LifecycleEvent).response));
        return '';
      case 'response.output_item.added':
        this.#direct = undefined;
        return this.#openCall((event as OutputItemEvent).item);
      case 'response.content_part.added':
      case 'response.reasoning_summary_part.added':
        this.#openPart();
        return '';
      case 'response.content_part.done':
      case 'response.reasoning_summary_part.done':
        return this.#closePart();
      case 'response.output_item.done':
        this.#closeItem((event as OutputItemEvent).item);
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
    return this.#output.fail(failure);
  }

  heartbeat(): string {
    return this.#output.heartbeat();
  }

  #open(content: '' | null): string {
    if (this.#opened) return '';
    this.#opened = true;
    return this.#output.opening(content);
  }

  // --- parts ---

  #openPart(): void {
    this.#direct = undefined;
    this.#partFresh = true;
    this.#heldSummary = '';
  }

  #closePart(): string {
    const held = this.#heldSummary;
    this.#openPart();
    return isBlankSummary(held) ? '' : this.#reason(held);
  }

  /** A delta that needs more than the part's template. */
  #delta(event: DeltaEvent): string {
    switch (event.type) {
      case 'response.output_text.delta':
        return this.#text(event.delta);
      case 'response.refusal.delta':
        return this.#refusal(event.delta);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.translation.reasoningStyle === 'none' ? '' : this.#summary(event.delta);
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return ''; // of a call that is not shown
    }
  }

  #text(delta: string): string {
    const out = this.#open('') + this.#endThinking();
    const text = this.#partFresh && this.#hasText ? paragraphBreak + delta : delta;
    this.#partFresh = false;
    this.#hasText = true;
    if (this.#scanner === undefined) {
      this.#direct = this.#output.content;
      return out + this.#output.content.of(text);
    }
    const visible = out + this.#content(this.#scanner.push(text));
    return this.#scanner.matched !== undefined ? visible + this.#finish({ status: 'completed' }) : visible;
  }

  #refusal(delta: string): string {
    const out = this.#open('') + this.#endThinking() + this.#flushHeldText();
    const refusal = this.#partFresh && this.#hasRefusal ? paragraphBreak + delta : delta;
    this.#partFresh = false;
    this.#hasRefusal = true;
    this.#direct = this.#output.refusal;
    return out + this.#output.refusal.of(refusal);
  }

  #summary(delta: string): string {
    const text = this.#heldSummary + delta;
    if (this.#partFresh && mayBeBlankSummary(text)) {
      this.#heldSummary = text;
      return '';
    }
    this.#heldSummary = '';
    return this.#reason(text);
  }

  #reason(text: string): string {
    const shown = this.#partFresh && this.#reasoned ? paragraphBreak + text : text;
    this.#partFresh = false;
    if (this.translation.reasoningStyle === 'think-tags') return this.#think(shown);
    const template = this.#output.reasoning();
    if (template === undefined) return '';
    this.#reasoned = true;
    this.#direct = template;
    return this.#open(null) + template.of(shown);
  }

  #think(text: string): string {
    if (this.#thinking === 'over') return '';
    const tag = this.#thinking === 'not yet' ? thinkOpen : '';
    this.#thinking = 'open';
    this.#reasoned = true;
    this.#citations.skip(tag.length + text.length);
    return this.#open(null) + this.#content(tag + text);
  }

  /** Must precede the answer's own content. */
  #endThinking(): string {
    const open = this.#thinking === 'open';
    this.#thinking = 'over';
    if (open) this.#citations.skip(thinkClose.length);
    return open ? this.#content(thinkClose) : '';
  }

  #content(text: string): string {
    return text === '' ? '' : this.#output.content.of(text);
  }

  #flushHeldText(): string {
    return this.#content(this.#scanner?.flush() ?? '');
  }

  // --- items ---

  /** Empty for items other than the client's calls: the upstream ran hosted tools itself. */
  #openCall(item: OutputItem): string {
    if (hasType(item, 'function_call')) return this.#announce(item, 'function');
    if (hasType(item, 'custom_tool_call') && !this.translation.legacyFunctions) {
      return this.#announce(item, 'custom');
    }
    return '';
  }

  #announce(item: FunctionCall | CustomToolCall, key: CallKey): string {
    const { legacyFunctions, toolNames } = this.translation;
    if (legacyFunctions && this.#calls.count > 0) return ''; // the legacy format allows one call
    const before = this.#open(null) + this.#endThinking() + this.#flushHeldText();
    const index = this.#calls.count++;
    const announced = this.#output.call(index, item.call_id, key, toolNames.client(item.name));
    this.#direct = this.#output.callText(index, key);
    return before + announced;
  }

  #closeItem(item: OutputItem): void {
    this.#direct = undefined;
    if (hasType(item, 'message')) this.#citations.add(item);
    else if (hasType(item, 'function_call') || hasType(item, 'custom_tool_call')) {
      this.#calls.truncated ||= isTruncatedCall(item);
    }
  }

  #finish(response: TurnEnd): string {
    this.#finished = true;
    let out = this.#open('') + this.#endThinking() + this.#flushHeldText();
    // All together: the official helpers keep only the last list (Node) or reject a second one (Python).
    if (this.#citations.found.length > 0) out += this.#output.annotations(this.#citations.found);
    const reason = finishReason(response, this.#calls, this.translation.legacyFunctions);
    return out + this.#output.finish(reason, response);
  }
}
