// Records every request and WebSocket frame that the simulator receives, oldest first, up to a limit of bytes.

export interface RecordedRequest {
  /** `FRAME` for a message on a WebSocket; its upgrade is recorded as a `GET`. */
  method: string;
  path: string;
  query: Record<string, string>;
  /** In lower case. */
  headers: Record<string, string>;
  /** Decompressed: JSON, the fields of a form, or text; undefined if empty or too large to store. */
  body: unknown;
  atMs: number;
  /** When the client disconnected before the response was complete. */
  abortedAtMs?: number;
  /** The status of the response. */
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

  /** Above `limitBytes` of bodies, the oldest requests are dropped. */
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

  /** Later changes of a dropped request are not announced. */
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
