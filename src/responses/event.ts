// The upstream's stream events (docs/wire/upstream.md#events). The core ones are typed; every
// other event travels as it was parsed.
import { type Escapes, escapesOf } from './json-scan.ts';
import type { OutputItem, OutputPart, ResponsesResponse, SummaryPart } from './response.ts';

export type DeltaType =
  | 'response.output_text.delta'
  | 'response.refusal.delta'
  | 'response.reasoning_summary_text.delta'
  | 'response.reasoning_text.delta'
  | 'response.function_call_arguments.delta'
  | 'response.custom_tool_call_input.delta';

/**
 * A piece of text, of a summary, or of a call's arguments: nine events in ten. It carries the piece as the JSON string
 * literal that came over the wire, quotes included, so that an encoder can place it in its own frame without parsing
 * and quoting it again.
 */
export class DeltaEvent<T extends DeltaType = DeltaType> {
  constructor(
    readonly type: T,
    readonly item_id: string,
    readonly output_index: number,
    /** `content_index` or `summary_index`; 0 for calls, which have one part. */
    readonly part_index: number,
    /** The delta as a JSON string literal, quotes included. */
    readonly json: string,
    readonly escapes: Escapes = escapesOf(json),
  ) {}

  /** The delta, unquoted. */
  get delta(): string {
    return JSON.parse(this.json) as string;
  }
}

export interface LifecycleEvent {
  type: 'response.created' | 'response.in_progress' | 'response.queued';
  response: ResponsesResponse;
}
export interface TerminalEvent {
  type: 'response.completed' | 'response.incomplete';
  /** `output` is whatever the upstream sent, commonly `[]`: the items came in `response.output_item.done`. */
  response: ResponsesResponse;
}
export interface OutputItemEvent {
  type: 'response.output_item.added' | 'response.output_item.done';
  output_index: number;
  item: OutputItem;
}
export interface ContentPartEvent {
  type: 'response.content_part.added' | 'response.content_part.done';
  item_id: string;
  output_index: number;
  content_index: number;
  part: OutputPart;
}
export interface SummaryPartEvent {
  type: 'response.reasoning_summary_part.added' | 'response.reasoning_summary_part.done';
  item_id: string;
  output_index: number;
  summary_index: number;
  part: SummaryPart;
}
export interface TextDoneEvent {
  type: 'response.output_text.done' | 'response.reasoning_text.done';
  item_id: string;
  output_index: number;
  content_index: number;
  text: string;
}
export interface RefusalDoneEvent {
  type: 'response.refusal.done';
  item_id: string;
  output_index: number;
  content_index: number;
  refusal: string;
}
export interface SummaryTextDoneEvent {
  type: 'response.reasoning_summary_text.done';
  item_id: string;
  output_index: number;
  summary_index: number;
  text: string;
}
export interface ArgumentsDoneEvent {
  type: 'response.function_call_arguments.done';
  item_id: string;
  output_index: number;
  arguments: string;
}
export interface InputDoneEvent {
  type: 'response.custom_tool_call_input.done';
  item_id: string;
  output_index: number;
  input: string;
}
export interface AnnotationEvent {
  type: 'response.output_text.annotation.added';
  item_id: string;
  output_index: number;
  content_index: number;
  annotation_index: number;
  annotation: { type: string; [key: string]: unknown };
}
/** Hosted tools' progress, images, private `codex.*` events, keepalives, and whatever is invented next. */
export interface OtherEvent {
  type: string & { readonly other?: never };
  [key: string]: unknown;
}

export type CoreEvent =
  | DeltaEvent
  | LifecycleEvent
  | TerminalEvent
  | OutputItemEvent
  | ContentPartEvent
  | SummaryPartEvent
  | TextDoneEvent
  | RefusalDoneEvent
  | SummaryTextDoneEvent
  | ArgumentsDoneEvent
  | InputDoneEvent
  | AnnotationEvent;

/**
 * After the grammar (`grammar.ts`), encoders may rely on this order: one `response.created` first; then items one at a
 * time, each `output_item.added` … `output_item.done`; inside an item parts one at a time, opened before their deltas and
 * closed after them; the deltas of a part add up to its whole text; `output_item.done` contains the whole item; exactly one
 * `response.completed` or `response.incomplete` last. A failed or cut stream is thrown as a Failure instead.
 */
export type ResponsesEvent = CoreEvent | OtherEvent;
