// A limit on connecting. Bun's `fetch` waits for a connection for as long as the system does (minutes), and does not say
// when it has one; so a probe connects beside it, to the same address, while nothing has been heard from there lately.
import { connect } from 'node:net';
import { onAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';

export interface Address {
  host: string;
  port: number;
}

/** Whether no connection came about within `timeoutMs`. A refused one is for `fetch` to report. */
export type Probe = (address: Address, timeoutMs: number) => Promise<boolean>;

type Send = (url: string, init?: RequestInit) => Promise<Response>;

/** So long an answer vouches for the way to its sender: kept connections need no probe. */
const freshMs = 60_000;

export class ConnectLimit {
  readonly #answeredAtMs = new Map<string, number>();
  /** One for all requests that wait for the same address. */
  readonly #probes = new Map<string, Promise<boolean>>();

  constructor(
    private readonly timeoutMs: number,
    private readonly probe: Probe = tcpProbe,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Sends a request; throws `upstream_unreachable` when `hop` cannot be connected to in time. */
  async send(
    send: Send,
    url: string,
    init: RequestInit | undefined,
    hop: Address | undefined,
  ): Promise<Response> {
    const { origin } = new URL(url);
    const answeredAtMs = this.#answeredAtMs.get(origin) ?? Number.NEGATIVE_INFINITY;
    const fresh = this.nowMs() - answeredAtMs < freshMs;
    const answer = await (hop === undefined || fresh ? send(url, init) : this.#watched(send, url, init, hop));
    this.#answeredAtMs.set(origin, this.nowMs());
    return answer;
  }

  async #watched(send: Send, url: string, init: RequestInit | undefined, hop: Address): Promise<Response> {
    const controller = new AbortController();
    const signal = init?.signal;
    // Never stopped: the caller's signal also ends the body of the response.
    if (signal) onAbort(signal, () => controller.abort(signal.reason));
    let answered = false;
    void this.#late(hop).then((late) => {
      if (late && !answered) controller.abort(notConnected(hop, this.timeoutMs));
    });
    try {
      return await send(url, { ...init, signal: controller.signal });
    } finally {
      answered = true;
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

function notConnected({ host, port }: Address, timeoutMs: number): Failure {
  return new Failure(
    'upstream_unreachable',
    `No connection to ${host}:${port} came about within ${timeoutMs / 1000} s.`,
    { code: 'upstream_unavailable' },
  );
}
