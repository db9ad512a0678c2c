// What translates an endpoint of a client API to the hub and back. A translator is pure: no clock but the one it is given,
// no network, no knowledge of other APIs. Its files: types.ts request.ts stream.ts whole.ts index.ts.
import type { Failure } from '../failure.ts';
import type { ResponsesEvent } from './event.ts';
import type { Fields } from './fields.ts';
import type { Dropped, ResponsesRequest } from './request.ts';
import type { ResponsesResponse } from './response.ts';

/** A client's request, translated; translators extend it with what their answer must remember. */
export interface Translation {
  /** The name the client gave the model; echoed in every answer. */
  model: string;
  /** Whether codexd chose the model for what it can do, so that `models.override` does not apply. */
  modelIsFixed?: true;
  /** Whether the client wants a stream. */
  stream: boolean;
  request: ResponsesRequest;
  dropped: Dropped[];
  /** Headers for the upstream that the body carries as fields. */
  upstreamHeaders?: Record<string, string>;
  /** A Codex client completes its history itself: it is sent unchanged. */
  keepsHistory?: boolean;
  /** The client removes earlier reasoning from the conversation, so none is restored. */
  clearsReasoning?: boolean;
  /** The field that names the reasoning effort, where it is not `reasoning_effort`: models are judged later. */
  effortParam?: string;
  /** The translator chose the effort from other fields: its nearest in the model is not worth a word to the client. */
  effortIsImplied?: boolean;
  /** The earlier response that the request continues. */
  continues?: string;
  /** The answer, where it is known without a turn. */
  ready?: ResponsesResponse;
}

/** What a translator may know of the request besides its body. */
export interface RequestContext {
  headers: Headers;
  /** Our id of the request, for envelopes that name it. */
  requestId?: string;
  /** How reasoning text is shown where the API leaves a choice. */
  reasoningStyle: ReasoningStyle;
  /** `reasoning.summary` when the client does not say: `auto` asks the upstream for summaries, `none` does not. */
  reasoningSummary: string;
  /** What the request refers to by ids of earlier responses and their items; nothing where it is absent. */
  earlier?: EarlierItems;
  /** The form of a chat stream's heartbeat, else a comment: some readers take those for data. */
  keepalive?: 'comment' | 'chunk';
}

/** Items of earlier responses, as a client would send them again. */
export interface EarlierItems {
  /** The conversation that the request continues: it comes before the request's own input. */
  history: readonly Fields[];
  /** The ids of the responses of that conversation, oldest first. */
  previous: readonly string[];
  /** By the ids that the request names. */
  byId: ReadonlyMap<string, Fields>;
  /** They are stored where this process cannot look, so that a missing one is not an error. */
  areUnknown?: true;
}

export const nothingEarlier: EarlierItems = { history: [], previous: [], byId: new Map() };

export type ReasoningStyle = 'reasoning_content' | 'think-tags' | 'o3' | 'none';

/** When a turn came how far, in milliseconds since 1970: filled in while it goes on. */
export interface TurnTimes {
  /** The upstream took the request. */
  readonly acceptedAtMs: number;
  /** The first of the answer came; undefined before. */
  readonly firstAtMs: number | undefined;
}

/** Encodes one turn as the bytes of the client's stream. Fed after the grammar, so it may rely on the order of events. */
export interface Encoder<Event = ResponsesEvent> {
  /**
   * The frames this event becomes, possibly none. It returns text rather than wire objects because nine events in ten
   * are deltas, and a template around the delta's own JSON costs 41 ns where building and quoting an object costs 274.
   */
  push(event: Event): string;
  /** True once the last frame of a good answer was returned; the rest of the upstream's stream is not wanted. */
  readonly finished: boolean;
  /** The frames that report a failure after the stream began. Never followed by the success sentinel alone. */
  fail(failure: Failure): string;
  /** What keeps a silent connection alive. */
  heartbeat(): string;
}

/** A failure in the vendor’s envelope, while a status can still be sent. */
export interface FailureResponse {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What an envelope may say beside the failure. */
export interface FailureContext {
  requestId?: string;
  planWindows: readonly QuotaWindow[];
}

/** How much of one window of the plan is used. */
export interface QuotaWindow {
  windowMinutes: number;
  /** 0 to 100, possibly with decimals. */
  usedPercent: number;
  resetsAtMs: number | undefined;
}

/** The way back: events of a turn become a response of the API. */
export interface ResponseTranslator<T extends Translation = Translation> {
  /** For logs and golden folders, e.g. `openai-chat`. */
  name: string;
  contentType: string;
  /** Its stream says texts again when they end, so the turn must keep them (`responses/grammar.ts`, `accumulateText`). */
  repeatsText: boolean;
  stream(translation: T, times?: TurnTimes): Encoder;
  /** The whole answer, from a response whose `output` is complete (`responses/collect.ts`). */
  whole(response: ResponsesResponse, translation: T, times?: TurnTimes): unknown;
  /** A failure in the envelope of the endpoint, which may name the field at fault. */
  failure(failure: Failure, context?: FailureContext): FailureResponse;
  /** The plan's windows as headers of an answer, if the API has any. */
  windowHeaders?(windows: readonly QuotaWindow[]): Record<string, string>;
}

export interface Translator<T extends Translation = Translation> extends ResponseTranslator<T> {
  /** Throws a Failure of kind `invalid_request` that names the field at fault. */
  request(body: unknown, context: RequestContext): T;
}
