// Encodes a turn as the events of a Messages stream. One block is open at a time, and blocks are numbered as they open,
// since the upstream's indexes include hidden items.
import type { Failure } from '../../../failure.ts';
import {
  DeltaEvent,
  type OutputItemEvent,
  type ResponsesEvent,
  type TerminalEvent,
} from '../../../responses/event.ts';
import {
  type FunctionCall,
  hasType,
  type OutputItem,
  type OutputMessage,
  type ReasoningItem,
  type TurnEnd,
  type Usage,
} from '../../../responses/response.ts';
import { requestTokens, roughCount } from '../../../responses/token-count.ts';
import type { Encoder } from '../../../responses/translator.ts';
import { type Framing, serverSentEvents } from '../../../stream/framing.ts';
import { StopScanner } from '../../stop.ts';
import { anthropicError } from '../errors.ts';
import { messageObject, paragraphBreak, refusalOf } from './answer.ts';
import { emptySummary, endingOf, messagesUsage, refused } from './finish.ts';
import { type DeltaTemplate, Frames, type TextDelta } from './frames.ts';
import { signatureOf } from './signature.ts';
import type { Block, Ending, MessagesTranslation } from './types.ts';
import { citationsOf, lacksSources, type SearchBlocks, searchBlocks, withCitations } from './web-search.ts';

export class MessagesEncoder implements Encoder {
  readonly #frames: Frames;
  #started = false;
  #finished = false;
  /** Blocks opened so far; if one is open, it is the last. */
  #blocks = 0;
  #open: Block['type'] | undefined;
  /** The template for deltas of the open part that need no inspection; undefined if they do. */
  #direct: DeltaTemplate | undefined;
  /** Whether any of the open item has been shown. */
  #itemShown = false;
  /** True until some of the open part has been shown. */
  #partFresh = true;
  #scanner: StopScanner | undefined;
  /** Searches that wait for a message with citations. */
  #unsourced: SearchBlocks[] = [];
  readonly #summary = emptySummary();
  /** Estimated tokens of the text shown so far. */
  #roughOutput = 0;

  constructor(
    private readonly translation: MessagesTranslation,
    framing: Framing = serverSentEvents,
  ) {
    this.#frames = new Frames(framing);
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
        return this.#start();
      case 'response.output_item.added':
        return this.#openItem((event as OutputItemEvent).item);
      case 'response.content_part.added':
      case 'response.reasoning_summary_part.added':
        this.#direct = undefined;
        this.#partFresh = true;
        return '';
      case 'response.output_item.done':
        return this.#closeItem((event as OutputItemEvent).item);
      case 'response.completed':
      case 'response.incomplete':
        return this.#finish((event as TerminalEvent).response);
      default:
        return '';
    }
  }

  /**
   * A policy failure after the answer has started ends it as a refusal. Any other failure is sent as an error event.
   */
  fail(failure: Failure): string {
    if (this.#finished) return '';
    this.#finished = true;
    if (this.#blocks > 0 && isPolicy(failure))
      return this.#closeBlock() + this.#end(refused(failure.message));
    return this.#frames.event(anthropicError(failure, this.translation.requestId));
  }

  /** If the upstream has sent nothing yet, this starts the message. */
  heartbeat(): string {
    return this.#start() || this.#frames.ping;
  }

  #start(): string {
    if (this.#started) return '';
    this.#started = true;
    const contents = { content: [], ending: undefined, usage: undefined, searches: 0 };
    return this.#frames.messageStart(messageObject(this.translation, contents)) + this.#frames.ping;
  }

  // --- blocks ---

  #openBlock(block: Block): string {
    const before = this.#closeBlock();
    this.#open = block.type;
    return before + this.#frames.blockStart(this.#blocks++, block);
  }

  /** Opens a block for text or thinking, unless one is open. */
  #continueBlock(type: 'text' | 'thinking'): string {
    if (this.#open === type) return '';
    return this.#openBlock(type === 'text' ? { type, text: '' } : { type, thinking: '', signature: '' });
  }

  #closeBlock(): string {
    this.#direct = undefined;
    if (this.#open === undefined) return '';
    this.#open = undefined;
    return this.#frames.blockStop(this.#blocks - 1);
  }

  #template(type: TextDelta): DeltaTemplate {
    return this.#frames.delta(this.#blocks - 1, type);
  }

  // --- parts ---

  /** A delta that needs more than the part's template. */
  #delta(event: DeltaEvent): string {
    switch (event.type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.#text(event.delta);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.translation.thinking === 'shown' ? this.#think(event.delta) : '';
      case 'response.function_call_arguments.delta':
        return this.#arguments(event.delta);
      case 'response.custom_tool_call_input.delta':
        return ''; // of a call that was not offered
    }
  }

  #text(delta: string): string {
    const text = this.#paragraph(delta);
    if (this.#scanner === undefined) {
      const opening = this.#continueBlock('text');
      this.#direct = this.#template('text_delta');
      return opening + this.#direct.of(text);
    }
    const visible = this.#visible(this.#scanner.push(text));
    const { matched } = this.#scanner;
    if (matched === undefined) return visible;
    this.#summary.stop = matched;
    return visible + this.#finish({ status: 'completed', usage: this.#roughUsage() });
  }

  /** The text that the scanner let through, if any. */
  #visible(text: string): string {
    if (text === '') return '';
    this.#roughOutput += roughCount(text);
    const opening = this.#continueBlock('text');
    return opening + this.#template('text_delta').of(text);
  }

  #think(delta: string): string {
    const text = this.#paragraph(delta);
    const opening = this.#continueBlock('thinking');
    this.#direct = this.#template('thinking_delta');
    return opening + this.#direct.of(text);
  }

  /** White space alone is not an input; the block then keeps the empty input it started with. */
  #arguments(delta: string): string {
    if (delta.trim() === '') return '';
    this.#direct = this.#template('input_json_delta');
    return this.#direct.of(delta);
  }

  /** Joins the parts of an item to one block. */
  #paragraph(delta: string): string {
    const text = this.#partFresh && this.#itemShown ? paragraphBreak + delta : delta;
    this.#partFresh = false;
    this.#itemShown = true;
    return text;
  }

  // --- items ---

  #openItem(item: OutputItem): string {
    this.#direct = undefined;
    this.#itemShown = false;
    this.#partFresh = true;
    if (hasType(item, 'function_call')) return this.#openCall(item);
    if (hasType(item, 'message')) this.#scanner = this.#newScanner();
    return '';
  }

  /** After a call, the answer no longer ends at stop sequences, because the call would be lost. */
  #newScanner(): StopScanner | undefined {
    const { stopSequences } = this.translation;
    return stopSequences.length > 0 && this.#summary.calls === 0 ? new StopScanner(stopSequences) : undefined;
  }

  #openCall({ call_id, name }: FunctionCall): string {
    this.#summary.calls++;
    return this.#openBlock({
      type: 'tool_use',
      id: call_id,
      name: this.translation.toolNames.client(name),
      input: {},
      caller: { type: 'direct' },
    });
  }

  #closeItem(item: OutputItem): string {
    this.#direct = undefined;
    if (hasType(item, 'message')) return this.#closeText(item);
    if (hasType(item, 'reasoning')) return this.#closeThinking(item);
    if (hasType(item, 'function_call')) return this.#closeBlock();
    return this.#search(item);
  }

  #closeText(item: OutputMessage): string {
    const rest = this.#visible(this.#scanner?.flush() ?? '');
    this.#summary.refusal ??= refusalOf(item);
    const cites = this.#open === 'text' && this.#summary.searches > 0 ? citationsOf(item) : [];
    const citations = cites
      .map((citation) => this.#frames.citationsDelta(this.#blocks - 1, citation))
      .join('');
    const text = rest + citations + this.#closeBlock();
    return cites.length === 0 ? text : text + this.#showUnsourced(withCitations(this.#unsourced, item));
  }

  /** Uses the finished item's content: the announced item's is shorter, and the upstream would refuse it later. */
  #closeThinking({ encrypted_content }: ReasoningItem): string {
    if (this.translation.thinking === 'hidden' || !encrypted_content) return this.#closeBlock();
    const opening = this.#continueBlock('thinking');
    const signature = this.#template('signature_delta').of(signatureOf(encrypted_content));
    return opening + signature + this.#closeBlock();
  }

  #search(item: OutputItem): string {
    const blocks = searchBlocks(item);
    if (blocks === undefined) return '';
    this.#summary.searches++;
    if (!lacksSources(blocks)) return this.#showSearch(blocks);
    this.#unsourced.push(blocks);
    return '';
  }

  #showSearch([use, result]: SearchBlocks): string {
    return (
      this.#openBlock({ ...use, input: {} }) +
      this.#template('input_json_delta').of(JSON.stringify(use.input)) +
      this.#closeBlock() +
      this.#openBlock(result) +
      this.#closeBlock()
    );
  }

  #showUnsourced(searches: SearchBlocks[]): string {
    this.#unsourced = [];
    return searches.map((blocks) => this.#showSearch(blocks)).join('');
  }

  // --- the end ---

  #finish(response: TurnEnd): string {
    this.#finished = true;
    const ending = endingOf(response, this.#summary);
    return this.#start() + this.#closeBlock() + this.#end(ending, response.usage);
  }

  #end(ending: Ending, usage?: Usage | null): string {
    const searches = this.#showUnsourced(this.#unsourced);
    return (
      searches +
      this.#frames.messageEnd(
        ending,
        messagesUsage(usage, this.#summary.searches),
        this.translation.reportsEdits,
      )
    );
  }

  /** The upstream reports usage only at its end, and an answer that ends at a stop sequence does not wait for that. */
  #roughUsage(): Usage {
    const input_tokens = requestTokens(this.translation.request, roughCount);
    return { input_tokens, output_tokens: this.#roughOutput };
  }
}

/** Failures about the content of an answer, not about the request. */
function isPolicy({ code }: Failure): boolean {
  return code?.includes('policy') ?? false;
}
