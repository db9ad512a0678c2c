// What a scenario may say, and the queue it waits in. A line is used up by a request to its route.
import { readFileSync } from 'node:fs';
import type { Fields } from '../base/object.ts';
import type { Encoding } from './encoding.ts';
import type { RefusalName } from './refusal.ts';

/** The routes a line can be meant for; `websocket` is the upgrade, its turns come from `codex/responses`. */
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
 * - `reset`: the connection is torn down (RST), before the head or after `afterBytes` of the answer.
 * - `stall`: silence, from the start or after `afterBytes`, until the client leaves.
 * - `challenge`: Cloudflare's 403 page.
 * - `silent-close`: the body is read, then after `delayMs` the connection closes without an answer.
 * - `binary-frame`: WebSocket only: after `afterBytes` a binary frame comes.
 */
export const faults = ['reset', 'stall', 'challenge', 'silent-close', 'binary-frame'] as const;
export type Fault = (typeof faults)[number];

export interface ScriptedTurn {
  /** Default `codex/responses`. `models`, `usage` and `accounts/check` work as short names. */
  for?: RouteName | 'models' | 'usage' | 'accounts/check';

  // What is answered; at most one of text/calls (which may go together), events, sse, fixture, megabytes, status, refusal.
  /** A message; of phase `commentary` when calls follow. For `transcribe`: what is heard. */
  text?: string;
  /** Summary parts of a reasoning item that goes first, with text or calls. */
  reasoning?: string[];
  /** Calls of function tools (`arguments`: JSON text or a value to write as JSON) or custom tools (`input`). */
  calls?: ScriptedCall[];
  /** Events as they are; `sequence_number` is filled in where absent. */
  events?: Fields[];
  /** The body of the answer, byte for byte. */
  sse?: string;
  /** A file that holds the body of the answer. In a scenario file: relative to that file. */
  fixture?: string;
  /** A turn whose text is this long, made as it is read. */
  megabytes?: number;
  /** A plain HTTP answer. */
  status?: number;
  /** With `status`: an object is sent as JSON, a string as it is. */
  body?: Fields | string;
  /** Added to the headers of the answer; null takes one away. */
  headers?: Record<string, string | null>;
  /** One of the upstream's own refusals, by its code. */
  refusal?: RefusalName;
  fault?: Fault;

  // How it is delivered.
  /** Wait before answering. */
  delayMs?: number;
  /** Wait between events. */
  paceMs?: number;
  /** Cut the stream into network writes of this many bytes, whatever the events. */
  chunkBytes?: number;
  /** The stream ends here, cleanly as HTTP goes. On a WebSocket: the connection closes. */
  cutAfterBytes?: number;
  /** Where `reset`, `stall` and `binary-frame` strike. */
  afterBytes?: number;
  contentType?: string;
  /** Of a turn's stream, for clients that accept it. */
  encoding?: Encoding;
  /** Seconds or an HTTP date. */
  retryAfter?: number | string;
  /** How many requests this line answers. */
  repeat?: number;

  // The other routes.
  /** For `transcribe`: only for the upload of this file name, or of this digest (which the usual text tells). */
  upload?: string;
  /** Fields laid over the normal JSON answer. */
  merge?: Fields;
  /** Fields left out of the normal JSON answer; for `oauth/authorize` of the callback's query. */
  omit?: string[];
  /** For `oauth/authorize`: the callback's `error`, with `error_description` from `merge`. */
  error?: string;
  /** For `oauth/authorize`: sent back instead of the right state. */
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

/** Lines first in, first out, a queue for each route. */
export class Script {
  private readonly lines: { turn: ScriptedTurn; left: number }[] = [];

  /** Fixtures are read here, so that a wrong path is told to whoever wrote it. */
  add(turns: readonly ScriptedTurn[]): void {
    for (const turn of turns) {
      const sse = turn.fixture === undefined ? turn.sse : readFileSync(turn.fixture, 'utf8');
      this.lines.push({ turn: sse === undefined ? turn : { ...turn, sse }, left: turn.repeat ?? 1 });
    }
  }

  /** The next line for this route, used; of those for a certain upload only those that fit one of `names`. */
  take(route: RouteName, names: readonly string[] = []): ScriptedTurn | undefined {
    return this.takeIf(route, names, () => true);
  }

  /** The same, but only if it is an answer by itself. */
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

/** Whether the line is an answer by itself, whatever the request; the others shape what the route would answer. */
function isPlain({ status, refusal, fault, afterBytes, ...turn }: ScriptedTurn): boolean {
  if (status !== undefined || refusal !== undefined) return true;
  if (fault === 'challenge' || fault === 'silent-close') return true;
  const told = turn.text ?? turn.calls ?? turn.events ?? turn.sse ?? turn.fixture ?? turn.megabytes;
  return (fault === 'reset' || fault === 'stall') && afterBytes === undefined && told === undefined;
}
