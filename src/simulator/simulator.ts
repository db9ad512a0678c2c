// The simulated upstream: one server that is the issuer, the account API and the model API. Written only from
// docs/wire/upstream.md, so that it does not repeat mistakes of the rest of codexd.
import type { LoginOptions, Tokens } from './identity.ts';
import type { RecordedRequest } from './recorder.ts';
import { RequestHandler, type RequestHandlerOptions } from './request-handler.ts';
import type { ScriptedTurn } from './script.ts';
import type { Connection } from './socket.ts';

export type { LoginOptions, Tokens } from './identity.ts';
export type { RecordedRequest } from './recorder.ts';
export { loadScenario } from './scenario.ts';
export type { ScriptedTurn } from './script.ts';

export interface SimulatorOptions extends RequestHandlerOptions {
  /** 127.0.0.1 by default. */
  hostname?: string;
  /** 0 by default: any free port. */
  port?: number;
}

export interface Simulator {
  /** `http://127.0.0.1:PORT`. */
  url: string;
  /** The issuer: `${issuer}/oauth/authorize`, `/oauth/token`, `/oauth/revoke`, `/api/accounts/deviceauth/…`. */
  issuer: string;
  /** The base of the account and model APIs: `${upstream}/codex/responses`, `/wham/usage`, `/transcribe`, … */
  upstream: string;
  requests: RecordedRequest[];
  /** Queues turns, faults and responses for other routes; first in, first out. */
  script(...turns: ScriptedTurn[]): void;
  /** Lines that were not used. */
  unused(): ScriptedTurn[];
  /** Forgets recorded requests and unused lines; logins stay valid. */
  reset(): void;
  /** Tokens of a valid login. */
  login(options?: LoginOptions): Tokens;
  /** The same as a personal access token, `at-…`. */
  personalToken(options?: LoginOptions): string;
  /** The first request, past or future, that matches. Requests are checked again when they are answered or aborted. */
  waitFor(predicate: (request: RecordedRequest) => boolean, timeoutMs?: number): Promise<RecordedRequest>;
  stop(): Promise<void>;
}

/** Much longer than a busy machine needs, so that a missing request is reported with those that arrived instead. */
const patienceMs = 20_000;

export function startSimulator(options: SimulatorOptions = {}): Simulator {
  const hostname = options.hostname ?? '127.0.0.1';
  const server = Bun.serve({
    hostname,
    port: options.port ?? 0,
    idleTimeout: 0,
    development: false,
    reusePort: false, // without development mode, Bun 1.4.5 would share the port
    maxRequestBodySize: 512 * 1024 * 1024,
    fetch: (request, server) => site.fetch(request, server),
    error: (error) => Response.json({ detail: `The simulator broke: ${error.message}` }, { status: 500 }),
    websocket: {
      perMessageDeflate: true,
      maxPayloadLength: 64 * 1024 * 1024,
      data: {} as Connection,
      message: (socket, message) => site.socket.message(socket, message),
      drain: (socket) => site.socket.drain(socket),
      close: (socket) => site.socket.close(socket),
    },
  });
  const url = `http://${hostname === '0.0.0.0' ? '127.0.0.1' : hostname}:${server.port}`;
  const site = new RequestHandler(url, options);
  return {
    url,
    issuer: url,
    upstream: `${url}/backend-api`,
    requests: site.recorder.requests,
    script: (...turns) => site.script.add(turns),
    unused: () => site.script.unused(),
    reset() {
      site.recorder.forget();
      site.script.clear();
    },
    login: (login) => site.identity.login(login),
    personalToken: (login) => site.identity.personalToken(login),
    waitFor: (predicate, timeoutMs = patienceMs) => site.recorder.waitFor(predicate, timeoutMs),
    stop: () => server.stop(true),
  };
}
