// The record of a call, created when its response has ended, for the access log and other observers. Contains no message text
// and no credentials.
import type { FailureKind } from '../failure.ts';
import type { KeyLimits } from '../keys/api-key.ts';
import type { Usage } from '../responses/response.ts';
import type { PromptOutline } from './prompt-outline.ts';

export interface Caller {
  /** Name of the API key; `anonymous` if no key is required. */
  readonly name: string;
  /** SHA-256 of the key, if one is required. */
  readonly keySha256?: string;
  /** Globs of the models this key may use; undefined allows all. */
  readonly models: readonly string[] | undefined;
  /** Of the key; undefined without one. */
  readonly limits?: KeyLimits;
}

/** Where no key is required. */
export const anonymous: Caller = { name: 'anonymous', models: undefined };

/** What a call has waited for, and what codexd took to prepare it, in ms. */
export interface CallTimes {
  /** Until the request's body was complete. */
  readonly body?: number;
  /** Translating and planning the turn. */
  readonly plan?: number;
  /** For a free slot. */
  readonly queue?: number;
  /** For the first event of the upstream's response, all attempts included; for the whole transcript of a recording. */
  readonly upstream?: number;
}

/** What handlers learn about a call. */
export interface CallFacts {
  /** The model's name as the client wrote it. */
  readonly modelRequested?: string | undefined;
  /** The upstream's name of the model, or `engine:model` for speech. */
  readonly modelUsed?: string | undefined;
  readonly usage?: Usage | undefined;
  /** Length of the recording that was transcribed. */
  readonly audioSeconds?: number | undefined;
  readonly upstreamRequestId?: string | undefined;
  readonly times?: CallTimes | undefined;
  /** Hashes and lengths of the prompt's parts. */
  readonly prompt?: PromptOutline | undefined;
  readonly failure?: { readonly kind: FailureKind; readonly code: string | undefined } | undefined;
}

export interface CallRecord extends CallFacts {
  readonly requestId: string;
  /** The client's own id for the request. */
  readonly clientRequestId: string | undefined;
  readonly method: string;
  /** As routed: one slash between segments, none at the end. */
  readonly path: string;
  /** The API's name, and the endpoint's path as declared there; undefined for an unknown path. */
  readonly api: string | undefined;
  readonly endpoint: string | undefined;
  readonly status: number;
  readonly caller: Caller;
  /** The client's User-Agent. */
  readonly agent: string | undefined;
  readonly receivedAtMs: number;
  /** From the request to the first byte of a streamed response. */
  readonly firstByteMs: number | undefined;
  readonly totalMs: number;
}

export type CallObserver = (record: CallRecord) => void;
