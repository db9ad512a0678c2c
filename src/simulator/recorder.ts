// What the simulator was sent: every request and every WebSocket frame, oldest first, within a limit of bytes.

export interface RecordedRequest {
  /** `FRAME` for a message on a WebSocket, whose upgrade is a `GET` of its own. */
  method: string;
  path: string;
  query: Record<string, string>;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** Decompressed: JSON, the fields of a form, or text; undefined when empty or too large to keep. */
  body: unknown;
  atMs: number;
  /** When the client hung up before it had its whole answer. */
  abortedAtMs?: number;
  /** The status it was answered with. */
  answered?: number;
}

interface Waiter {
  predicate: (request: RecordedRequest) => boolean;
  resolve: (request: RecordedRequest) => void;
}

export class Recorder {
  readonly requests: RecordedRequest[] = [];
  private readonly sizes = new WeakMap<RecordedRequest, number>();
  private readonly waiters = new Set<Waiter>();
  private total = 0;

  /** Beyond `limitBytes` of bodies the oldest requests are forgotten. */
  constructor(private readonly limitBytes: number) {}

  add(request: RecordedRequest, bytes: number): void {
    if (this.requests.length === 0) this.total = 0;
    if (bytes > this.limitBytes) request.body = undefined;
    const size = Math.min(bytes, this.limitBytes) + 1000; // the headers' share
    this.sizes.set(request, size);
    this.requests.push(request);
    this.total += size;
    while (this.total > this.limitBytes && this.requests.length > 1) {
      this.total -= this.sizes.get(this.requests.shift()!) ?? 0;
    }
    this.tell(request);
  }

  update(request: RecordedRequest, change: Partial<RecordedRequest>): void {
    Object.assign(request, change);
    if (this.requests.includes(request)) this.tell(request);
  }

  /** What happens to a forgotten request afterwards is announced to nobody. */
  forget(): void {
    this.requests.length = 0;
  }

  waitFor(predicate: Waiter['predicate'], timeoutMs: number): Promise<RecordedRequest> {
    const found = this.requests.find(predicate);
    if (found) return Promise.resolve(found);
    const { promise, resolve, reject } = Promise.withResolvers<RecordedRequest>();
    const waiter = { predicate, resolve };
    const timer = setTimeout(() => {
      const seen = this.requests.map(summary).join(', ');
      reject(new Error(`No such request within ${timeoutMs} ms. Seen: ${seen || 'none'}.`));
    }, timeoutMs);
    this.waiters.add(waiter);
    return promise.finally(() => {
      clearTimeout(timer);
      this.waiters.delete(waiter);
    });
  }

  private tell(request: RecordedRequest): void {
    for (const { predicate, resolve } of this.waiters) if (predicate(request)) resolve(request);
  }
}

function summary({ method, path, answered, abortedAtMs }: RecordedRequest): string {
  return `${method} ${path} ${abortedAtMs === undefined ? (answered ?? 'open') : 'aborted'}`;
}
