// A connect timeout. Bun's `fetch` waits for a connection as long as the operating system does (minutes) and does not
// report when it has one. So a probe connects to the same address at the same time, unless that origin has responded lately.
import { connect } from 'node:net';
import { onAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';

export interface Address {
  host: string;
  port: number;
}

/** Resolves to true if connecting takes longer than `timeoutMs`. Refused connections are left for `fetch` to report. */
export type Probe = (address: Address, timeoutMs: number) => Promise<boolean>;

type Send = (url: URL, init?: RequestInit) => Promise<Response>;

/** For this long after a response its origin counts as reachable: kept-alive connections need no probe. */
const freshMs = 60_000;

export class ConnectLimit {
  readonly #respondedAtMs = new Map<string, number>();
  /** One per address, shared by all requests that wait for it. */
  readonly #probes = new Map<string, Promise<boolean>>();

  constructor(
    private readonly timeoutMs: number,
    private readonly probe: Probe = tcpProbe,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Sends a request. Throws `upstream_unreachable` if connecting to `hop` takes too long. */
  async send(
    send: Send,
    url: URL,
    init: RequestInit | undefined,
    hop: Address | undefined,
  ): Promise<Response> {
    const { origin } = url;
    const respondedAtMs = this.#respondedAtMs.get(origin) ?? Number.NEGATIVE_INFINITY;
    const fresh = this.nowMs() - respondedAtMs < freshMs;
    const response = await (hop === undefined || fresh
      ? send(url, init)
      : this.#sendProbed(send, url, init, hop));
    this.#respondedAtMs.set(origin, this.nowMs());
    return response;
  }

  async #sendProbed(send: Send, url: URL, init: RequestInit | undefined, hop: Address): Promise<Response> {
    const controller = new AbortController();
    const signal = init?.signal;
    // Never stopped: the caller's signal also ends the body of the response.
    if (signal) onAbort(signal, () => controller.abort(signal.reason));
    let responded = false;
    void this.#late(hop).then((late) => {
      if (late && !responded) controller.abort(connectTimeout(hop, this.timeoutMs));
    });
    try {
      return await send(url, { ...init, signal: controller.signal });
    } finally {
      responded = true;
    }
  }

  #late(hop: Address): Promise<boolean> {
    const key = `${hop.host} ${hop.port}`;
    const known = this.#probes.get(key);
    if (known !== undefined) return known;
    const late = this.probe(hop, this.timeoutMs).finally(() => this.#probes.delete(key));
    this.#probes.set(key, late);
    return late;
  }
}

function tcpProbe({ host, port }: Address, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (late: boolean) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(late);
    };
    const timer = setTimeout(() => end(true), timeoutMs);
    socket.once('connect', () => end(false));
    socket.once('error', () => end(false));
  });
}

function connectTimeout({ host, port }: Address, timeoutMs: number): Failure {
  return new Failure(
    'upstream_unreachable',
    `Connecting to ${host}:${port} timed out after ${timeoutMs / 1000} s.`,
    { code: 'upstream_unavailable' },
  );
}
