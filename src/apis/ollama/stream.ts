// Encodes a turn, for chat and generate: as lines of JSON (docs/wire/ollama.md#streaming) or, with another output, as a whole.
import type { Failure } from '../../failure.ts';
import {
  DeltaEvent,
  type OutputItemEvent,
  type ResponsesEvent,
  type TerminalEvent,
} from '../../responses/event.ts';
import { type FunctionCall, hasType, type OutputItem, type TurnEnd } from '../../responses/response.ts';
import { TextAccumulator } from '../../responses/text-accumulator.ts';
import type { Encoder } from '../../responses/translator.ts';
import { StopScanner } from '../stop.ts';
import { toolCall } from './call.ts';
import type { OllamaTranslation, ToolCall } from './types.ts';

/** Between two texts or two summaries. */
const paragraphBreak = '\n\n';

type Kind = 'content' | 'thinking';

/** Where the parts of an answer go. Each method returns the text to send, if any. */
export interface AnswerOutput {
  /** `json`: a JSON string literal. */
  delta(kind: Kind, json: string): string;
  calls(calls: ToolCall[]): string;
  /** A keep-alive. */
  empty(): string;
  end(end: TurnEnd): string;
  fail(failure: Failure): string;
}

export class OllamaEncoder implements Encoder {
  readonly #scanner: StopScanner | undefined;
  /** The kind of the open part, if its deltas need no inspection; otherwise undefined. */
  #direct: Kind | undefined;
  #partFresh = true;
  /** Whether text of this kind was sent before. */
  readonly #sent = { content: false, thinking: false };
  /** The arguments of the open call, for an item that the upstream does not finish. */
  #arguments = new TextAccumulator();
  #calls = 0;
  #finished = false;

  constructor(
    private readonly output: AnswerOutput,
    private readonly translation: OllamaTranslation,
  ) {
    if (translation.stop.length > 0) this.#scanner = new StopScanner(translation.stop);
  }

  get finished(): boolean {
    return this.#finished;
  }

  push(event: ResponsesEvent): string {
    if (this.#finished) return '';
    if (event instanceof DeltaEvent) {
      if (event.json.length === 2) return ''; // ""
      return this.#direct === undefined ? this.#delta(event) : this.output.delta(this.#direct, event.json);
    }
    switch (event.type) {
      case 'response.output_item.added':
        this.#arguments = new TextAccumulator();
        this.#openPart();
        return '';
      case 'response.content_part.added':
      case 'response.reasoning_summary_part.added':
        this.#openPart();
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

  fail(failure: Failure): string {
    if (this.#finished) return '';
    this.#finished = true;
    return this.output.fail(failure);
  }

  heartbeat(): string {
    return this.output.empty();
  }

  #openPart(): void {
    this.#direct = undefined;
    this.#partFresh = true;
  }

  /** A delta that needs more than a line around it. */
  #delta(event: DeltaEvent): string {
    switch (event.type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return this.#text(event.delta);
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return this.translation.showsThinking ? this.#paragraph('thinking', event.delta) : '';
      case 'response.function_call_arguments.delta':
        this.#arguments.add(event);
        return '';
      case 'response.custom_tool_call_input.delta':
        return ''; // of a call that was not offered
    }
  }

  #text(delta: string): string {
    if (this.#scanner === undefined) return this.#paragraph('content', delta);
    const visible = this.#content(this.#scanner.push(this.#withBreak('content', delta)));
    return this.#scanner.matched === undefined ? visible : visible + this.#finish({ status: 'completed' });
  }

  #paragraph(kind: Kind, delta: string): string {
    this.#direct = kind;
    return this.output.delta(kind, JSON.stringify(this.#withBreak(kind, delta)));
  }

  /** Separates the parts of an answer as paragraphs. */
  #withBreak(kind: Kind, delta: string): string {
    const text = this.#partFresh && this.#sent[kind] ? paragraphBreak + delta : delta;
    this.#partFresh = false;
    this.#sent[kind] = true;
    return text;
  }

  #content(text: string): string {
    return text === '' ? '' : this.output.delta('content', JSON.stringify(text));
  }

  #closeItem(item: OutputItem): string {
    this.#direct = undefined;
    return hasType(item, 'function_call') ? this.#call(item) : '';
  }

  /** Calls are complete and in a line before the last one (docs/wire/ollama.md#whole-calls). */
  #call(item: FunctionCall): string {
    const given = item.arguments.trim() === '' ? (this.#arguments.text() ?? '') : item.arguments;
    const call = toolCall({ ...item, arguments: given }, this.#calls, this.translation.toolNames);
    if (call === undefined) return '';
    this.#calls += 1;
    return this.#content(this.#scanner?.flush() ?? '') + this.output.calls([call]);
  }

  #finish(response: TurnEnd): string {
    this.#finished = true;
    const rest = this.#content(this.#scanner?.flush() ?? '');
    return rest + this.output.end(response);
  }
}
