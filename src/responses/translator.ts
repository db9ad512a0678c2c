// Translates an endpoint of a client API to the hub and back. A translator is pure: its clock is passed in, and it uses
// no network and no other API. Its files: types.ts request.ts stream.ts whole.ts index.ts.
import type { Failure } from '../failure.ts';
import type { Framing } from '../stream/framing.ts';
import type { ResponsesEvent } from './event.ts';
import type { Fields } from './fields.ts';
import type { Dropped, ResponsesRequest } from './request.ts';
import type { ResponsesResponse } from './response.ts';

/** A translated request. Translators add the request data that their responses need. */
export interface Translation {
  /** The model's name as the client sent it; repeated in every response. */
  model: string;
  /** Whether codexd chose the model for its abilities, so that `models.override` does not apply. */
  modelIsFixed?: true;
  /** Whether the client wants a stream. */
  stream: boolean;
  request: ResponsesRequest;
  dropped: Dropped[];
  /** Upstream headers that the body contains as fields. */
  upstreamHeaders?: Record<string, string>;
  /** A Codex client completes its history itself, so it is sent unchanged. */
  keepsHistory?: boolean;
  /** The client removes earlier reasoning from the conversation, so none is restored. */
  clearsReasoning?: boolean;
  /** The field with the reasoning effort, if it is not `reasoning_effort`, for errors about the model's efforts. */
  effortParam?: string;
  /** The effort was derived from other fields, so replacing it by the model's nearest is not reported. */
  effortIsImplied?: boolean;
  /** The earlier response that the request continues. */
  continues?: string;
  /** The answer, where it is known without a turn. */
  ready?: ResponsesResponse;
}

/** What a translator may use of the request besides its body. */
export interface RequestContext {
  headers: Headers;
  /** codexd's id for the request, for envelopes that contain it. */
  requestId?: string;
  /** How reasoning text is shown if the API allows several forms. */
  reasoningStyle: ReasoningStyle;
  /** The default for `reasoning.summary`: `auto` requests summaries, `none` does not. */
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
  /** Characters of JSON that are stored of that conversation. */
  size: number;
  /** They are stored where this process cannot look, so that a missing one is not an error. */
  areUnknown?: true;
}

export const nothingEarlier: EarlierItems = { history: [], previous: [], byId: new Map(), size: 0 };

export type ReasoningStyle = 'reasoning_content' | 'think-tags' | 'o3' | 'none';

/** Times of a turn in milliseconds since 1970, set as it proceeds. */
export interface TurnTimes {
  /** The upstream accepted the request. */
  readonly acceptedAtMs: number;
  /** The first part of the answer arrived; undefined before. */
  readonly firstAtMs: number | undefined;
}

/**
 * Encodes one turn as the bytes of the client's stream. Its input comes from the grammar, so it may rely on the order
 * of events.
 */
export interface Encoder<Event = ResponsesEvent> {
  /**
   * The frames of an event, possibly none. Returns text instead of wire objects because nine events in ten are deltas,
   * and a template around the delta's own JSON costs 41 ns, while building and quoting an object costs 274 ns.
   */
  push(event: Event): string;
  /** True once the last frame of a successful answer was returned. The rest of the upstream's stream is not needed. */
  readonly finished: boolean;
  /** Frames that report a failure after the stream has started, without a success sentinel. */
  fail(failure: Failure): string;
  /** A keep-alive for an idle connection. */
  heartbeat(): string;
}

/** A failure in the vendor's envelope, while a status can still be sent. */
export interface FailureResponse {
  status: number;
  headers: Record<string, string>;
  body: unknown;
}

/** What an envelope may use besides the failure. */
export interface FailureContext {
  requestId?: string;
  planWindows: readonly QuotaWindow[];
}

/** How much of a window of the plan is used. */
export interface QuotaWindow {
  windowMinutes: number;
  /** 0 to 100, possibly with decimals. */
  usedPercent: number;
  resetsAtMs: number | undefined;
}

/** Translates both ways: a request to a turn, and the turn's events to a response. */
export interface ResponseTranslator<T extends Translation = Translation> {
  /** For logs and golden folders, e.g. `openai-chat`. */
  name: string;
  contentType: string;
  /**
   * Whether its stream repeats texts when they end, so that the turn must keep them (`responses/grammar.ts`,
   * `accumulateText`).
   */
  repeatsText: boolean;
  /** `framing`: of the stream, if it is not that of `contentType`. */
  stream(translation: T, times?: TurnTimes, framing?: Framing): Encoder;
  /** The whole response, from a response with a complete `output` (`responses/collect.ts`). */
  whole(response: ResponsesResponse, translation: T, times?: TurnTimes): unknown;
  /** A failure in the endpoint's envelope. */
  failure(failure: Failure, context?: FailureContext): FailureResponse;
  /** The plan's windows as response headers, if the API has such headers. */
  windowHeaders?(windows: readonly QuotaWindow[], nowMs: number): Record<string, string>;
}

export interface Translator<T extends Translation = Translation> extends ResponseTranslator<T> {
  /** Throws a Failure of kind `invalid_request` that names the field at fault. */
  request(body: unknown, context: RequestContext): T;
}
