// What is known of a request when its response has ended: one value, made once, for the access log and whatever else
// watches calls. Never message text, never a credential.
import type { FailureKind } from '../failure.ts';
import type { Usage } from '../responses/response.ts';

export interface Caller {
  /** Name of the API key, or `anonymous` where none is needed. */
  readonly name: string;
  /** Globs of the models this key may use; all when absent. */
  readonly models: readonly string[] | undefined;
}

/** What handlers find out about a call while they work on it. */
export interface CallFacts {
  /** The model's name as the client wrote it. */
  readonly modelRequested?: string | undefined;
  /** The upstream's name of the model, or `engine:model` for speech. */
  readonly modelUsed?: string | undefined;
  readonly usage?: Usage | undefined;
  /** Length of the recording that was transcribed. */
  readonly audioSeconds?: number | undefined;
  readonly upstreamRequestId?: string | undefined;
  readonly failure?: { readonly kind: FailureKind; readonly code: string | undefined } | undefined;
}

export interface CallRecord extends CallFacts {
  readonly requestId: string;
  /** The client's own id of the request. */
  readonly clientRequestId: string | undefined;
  readonly method: string;
  /** As routed: one slash between segments, none at the end. */
  readonly path: string;
  /** The API's name, and the endpoint's path as the API writes it; undefined for an unknown path. */
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
