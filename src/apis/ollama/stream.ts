// Encodes a turn as lines of JSON, for chat and generate (docs/wire/ollama.md#streaming).
import type { Failure } from '../../failure.ts';
import {
  DeltaEvent,
  type OutputItemEvent,
  type ResponsesEvent,
  type TerminalEvent,
} from '../../responses/event.ts';
import { type FunctionCall, hasType, type OutputItem, type TurnEnd } from '../../responses/response.ts';
import { TextAccumulator } from '../../responses/text-accumulator.ts';
import type { Encoder, TurnTimes } from '../../responses/translator.ts';
import { type Framing, framed, jsonLines } from '../../stream/framing.ts';
import { StopScanner } from '../stop.ts';
import { toolCall } from './call.ts';
import { ollamaError } from './errors.ts';
import { endingOf } from './finish.ts';
import { Lines, type Shape } from './lines.ts';
import type { OllamaTranslation } from './types.ts';

/** Between two texts or two summaries. */
export const paragraphBreak = '\n\n';

type Kind = 'content' | 'thinking';

export class OllamaEncoder implements Encoder {
  readonly #lines: Lines;
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
    shape: Shape,
    private readonly translation: OllamaTranslation,
    private readonly times?: TurnTimes,
    private readonly framing: Framing = jsonLines,
  ) {
    const { model, nowMs, stop } = translation;
    this.#lines = new Lines(shape, model, nowMs, framing);
    if (stop.length > 0) this.#scanner = new StopScanner(stop);
  }

  get finished(): boolean {
    return this.#finished;
  }

  push(event: ResponsesEvent): string {
    if (this.#finished) return '';
    if (event instanceof DeltaEvent) {
      if (event.json.length === 2) return ''; // ""
      return this.#direct === undefined ? this.#delta(event) : this.#lines.delta(this.#direct, event.json);
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

  /** The last line, without `done`, because the answer is incomplete (docs/wire/ollama.md#stream-error). */
  fail(failure: Failure): string {
    if (this.#finished) return '';
    this.#finished = true;
    return framed(this.framing, undefined, ollamaError(failure));
  }

  heartbeat(): string {
    return this.#lines.empty();
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
    return this.#lines.delta(kind, JSON.stringify(this.#withBreak(kind, delta)));
  }

  /** Separates the parts of an answer as paragraphs. */
  #withBreak(kind: Kind, delta: string): string {
    const text = this.#partFresh && this.#sent[kind] ? paragraphBreak + delta : delta;
    this.#partFresh = false;
    this.#sent[kind] = true;
    return text;
  }

  #content(text: string): string {
    return text === '' ? '' : this.#lines.delta('content', JSON.stringify(text));
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
    return this.#content(this.#scanner?.flush() ?? '') + this.#lines.calls([call]);
  }

  #finish(response: TurnEnd): string {
    const { translation } = this;
    this.#finished = true;
    const rest = this.#content(this.#scanner?.flush() ?? '');
    return rest + this.#lines.end(endingOf(response, translation, translation.nowMs(), this.times));
  }
}
