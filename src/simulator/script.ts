// The lines of a scenario, and their queues. A request uses up a line of its route.
import { readFileSync } from 'node:fs';
import type { Fields } from '../base/object.ts';
import type { Encoding } from './encoding.ts';
import type { RefusalName } from './refusal.ts';

/** The routes of lines. `websocket` is the upgrade; its turns use lines for `codex/responses`. */
export const routeNames = [
  'codex/responses',
  'websocket',
  'codex/responses/compact',
  'codex/models',
  'codex/images/generations',
  'codex/images/edits',
  'transcribe',
  'wham/accounts/check',
  'wham/usage',
  'wham/rate-limit-reset-credits',
  'wham/rate-limit-reset-credits/consume',
  'oauth/authorize',
  'oauth/token',
  'oauth/revoke',
  'deviceauth/usercode',
  'deviceauth/token',
  'device-page',
  'whoami',
] as const;
export type RouteName = (typeof routeNames)[number];

/**
 * - `reset`: the connection is reset (RST), before the head or after `afterBytes` of the response.
 * - `stall`: silence, from the start or after `afterBytes`, until the client disconnects.
 * - `challenge`: Cloudflare's 403 page.
 * - `silent-close`: the body is read, then after `delayMs` the connection is closed without a response.
 * - `binary-frame`: WebSocket only: a binary frame is sent after `afterBytes`.
 */
export const faults = ['reset', 'stall', 'challenge', 'silent-close', 'binary-frame'] as const;
export type Fault = (typeof faults)[number];

export interface ScriptedTurn {
  /** `codex/responses` by default. `models`, `usage` and `accounts/check` are accepted as short names. */
  for?: RouteName | 'models' | 'usage' | 'accounts/check';

  // The content of the response; at most one of text/calls (which may be combined), events, sse, fixture, megabytes,
  // status, refusal.
  /** A message, of phase `commentary` if calls follow. For `transcribe`: the transcript. */
  text?: string;
  /** Summary parts of a reasoning item before text or calls. */
  reasoning?: string[];
  /** Calls of function tools (`arguments`: JSON text or a value to write as JSON) or custom tools (`input`). */
  calls?: ScriptedCall[];
  /** Events to send unchanged; missing `sequence_number`s are added. */
  events?: Fields[];
  /** The body of the response, byte for byte. */
  sse?: string;
  /** A file with the body of the response. In a scenario file, relative to that file. */
  fixture?: string;
  /** A turn with this many megabytes of text, generated as it is read. */
  megabytes?: number;
  /** A plain HTTP response. */
  status?: number;
  /** With `status`: an object is sent as JSON, a string unchanged. */
  body?: Fields | string;
  /** Added to the headers of the response; null removes one. */
  headers?: Record<string, string | null>;
  /** One of the upstream's refusals, by its code. */
  refusal?: RefusalName;
  fault?: Fault;

  // How the response is delivered.
  /** Delay before the response. */
  delayMs?: number;
  /** Delay between events. */
  paceMs?: number;
  /** Splits the stream into network writes of this many bytes, regardless of events. */
  chunkBytes?: number;
  /** The stream ends here without an HTTP error. On a WebSocket, the connection is closed. */
  cutAfterBytes?: number;
  /** Where `reset`, `stall` and `binary-frame` occur. */
  afterBytes?: number;
  contentType?: string;
  /** For a turn's stream, if the client accepts it. */
  encoding?: Encoding;
  /** Seconds or an HTTP date. */
  retryAfter?: number | string;
  /** How many requests this line is used for. */
  repeat?: number;

  // Fields for other routes.
  /** For `transcribe`: only for the upload with this file name or digest (which the default text contains). */
  upload?: string;
  /** Fields to override in the default JSON response. */
  merge?: Fields;
  /** Fields to remove from the default JSON response; for `oauth/authorize`, from the callback's query. */
  omit?: string[];
  /** For `oauth/authorize`: the callback's `error`, with `error_description` from `merge`. */
  error?: string;
  /** For `oauth/authorize`: sent instead of the correct state. */
  state?: string;
}

export interface ScriptedCall {
  name: string;
  arguments?: unknown;
  input?: string;
  namespace?: string;
}

export interface Scenario {
  turns: ScriptedTurn[];
}

const shortNames: ReadonlyMap<string, RouteName> = new Map([
  ['models', 'codex/models'],
  ['usage', 'wham/usage'],
  ['accounts/check', 'wham/accounts/check'],
]);

export function routeOf(turn: ScriptedTurn): RouteName {
  const name = turn.for ?? 'codex/responses';
  return shortNames.get(name) ?? (name as RouteName);
}

/** A first-in, first-out queue of lines for each route. */
export class Script {
  private readonly lines: { turn: ScriptedTurn; left: number }[] = [];

  /** Fixtures are read immediately, so that a wrong path is reported where it was written. */
  add(turns: readonly ScriptedTurn[]): void {
    for (const turn of turns) {
      const sse = turn.fixture === undefined ? turn.sse : readFileSync(turn.fixture, 'utf8');
      this.lines.push({ turn: sse === undefined ? turn : { ...turn, sse }, left: turn.repeat ?? 1 });
    }
  }

  /** Takes the next line for this route. Of lines for a certain upload, only those that match one of `names`. */
  take(route: RouteName, names: readonly string[] = []): ScriptedTurn | undefined {
    return this.takeIf(route, names, () => true);
  }

  /** The same, but only if the line is a complete response. */
  takePlain(route: RouteName, names: readonly string[] = []): ScriptedTurn | undefined {
    return this.takeIf(route, names, isPlain);
  }

  unused(): ScriptedTurn[] {
    return this.lines.map((line) => line.turn);
  }

  clear(): void {
    this.lines.length = 0;
  }

  private takeIf(
    route: RouteName,
    names: readonly string[],
    fits: (turn: ScriptedTurn) => boolean,
  ): ScriptedTurn | undefined {
    const at = this.lines.findIndex(
      ({ turn }) => routeOf(turn) === route && (turn.upload === undefined || names.includes(turn.upload)),
    );
    const line = this.lines[at];
    if (!line || !fits(line.turn)) return undefined;
    line.left -= 1;
    if (line.left <= 0) this.lines.splice(at, 1);
    return line.turn;
  }
}

/** Whether the line is a complete response, whatever the request; other lines modify the route's response. */
function isPlain({ status, refusal, fault, afterBytes, ...turn }: ScriptedTurn): boolean {
  if (status !== undefined || refusal !== undefined) return true;
  if (fault === 'challenge' || fault === 'silent-close') return true;
  const content = turn.text ?? turn.calls ?? turn.events ?? turn.sse ?? turn.fixture ?? turn.megabytes;
  return (fault === 'reset' || fault === 'stall') && afterBytes === undefined && content === undefined;
}
