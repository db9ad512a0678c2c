// Entries in Redis or Valkey, for daemons that share conversations. Redis itself removes old entries and limits its
// memory.
import { RedisClient } from 'bun';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Entries, Entry } from './entries.ts';

export interface RedisOptions {
  /** May contain a password, so it is never quoted. */
  url: string;
  /** Since the last use. */
  ttlMs: number;
  nowMs: () => number;
  log: Log;
}

/** A Redis that does not respond must not hold up turns. */
const timeoutMs = 2000;
/** Between attempts to connect. */
const pauseMs = 1000;
const prefix = 'codexd:';

export class RedisEntries implements Entries {
  #client: RedisClient | undefined;
  #connecting: Promise<RedisClient> | undefined;
  #lastFailure: { failure: Failure; atMs: number } | undefined;

  constructor(private readonly options: RedisOptions) {}

  /** After a failure it reconnects in the background: a Redis that hangs must not delay every turn. */
  async isReady(): Promise<boolean> {
    const isConnected = this.#connect().then(
      () => true,
      () => false,
    );
    return this.#lastFailure === undefined ? isConnected : false;
  }

  async set(entries: readonly Entry[]): Promise<void> {
    const ttl = this.#ttl();
    await this.#run((client) =>
      Promise.all(entries.map(({ key, text }) => client.send('SET', [prefix + key, text, 'PX', ttl]))),
    );
  }

  async get(keys: readonly string[]): Promise<(string | undefined)[]> {
    const ttl = this.#ttl();
    return this.#run((client) =>
      Promise.all(
        keys.map(async (key) => {
          const text: unknown = await client.send('GETEX', [prefix + key, 'PX', ttl]);
          return typeof text === 'string' ? text : undefined;
        }),
      ),
    );
  }

  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    await this.#run((client) =>
      client.send(
        'DEL',
        keys.map((key) => prefix + key),
      ),
    );
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    client?.close();
  }

  #ttl(): string {
    return String(Math.max(1, Math.round(this.options.ttlMs)));
  }

  /** The commands of one call are sent together and in order. */
  async #run<T>(commands: (client: RedisClient) => Promise<T>): Promise<T> {
    const client = await this.#connect();
    try {
      return await inTime(commands(client));
    } catch (thrown) {
      if (isReply(thrown)) throw this.#failure(thrown);
      client.close();
      throw this.#lost(client, thrown);
    }
  }

  /** The open connection, or a new one; undefined soon after a failed attempt. */
  async #connect(): Promise<RedisClient> {
    if (this.#client?.connected) return this.#client;
    const { failure, atMs } = this.#lastFailure ?? {};
    if (failure !== undefined && this.options.nowMs() - (atMs ?? 0) < pauseMs) throw failure;
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  async #open(): Promise<RedisClient> {
    let client: RedisClient | undefined;
    try {
      client = new RedisClient(this.options.url, {
        autoReconnect: false, // gives up for good after some attempts
        enableOfflineQueue: false,
        connectionTimeout: timeoutMs,
      });
      await inTime(client.connect());
      if (this.#lastFailure !== undefined) this.options.log.info('the response store is available again');
      this.#lastFailure = undefined;
      this.#client = client;
      return client;
    } catch (thrown) {
      client?.close();
      throw this.#lost(client, thrown);
    }
  }

  #lost(client: RedisClient | undefined, thrown: unknown): Failure {
    const failure = this.#failure(thrown);
    if (this.#lastFailure === undefined) {
      this.options.log.warn('the response store is unavailable; turns continue without it', {
        why: failure.message,
      });
    }
    this.#lastFailure = { failure, atMs: this.options.nowMs() };
    if (this.#client === client) this.#client = undefined;
    return failure;
  }

  #failure(cause: unknown): Failure {
    const why = cause instanceof Error ? cause.message : String(cause);
    return new Failure('unavailable', `Cannot use the response store in Redis: ${why}.`, {
      code: 'response_store_unavailable',
      advice:
        'Try again in a moment. If it persists, check the Redis server and the password in `store.redis_url`.',
      retryAfterMs: pauseMs,
      cause,
    });
  }
}

/** Redis itself refused the command: the connection is fine. */
function isReply(thrown: unknown): boolean {
  return (thrown as { code?: unknown } | null)?.code === 'ERR_REDIS_SERVER_ERROR';
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no reply within ${timeoutMs / 1000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
