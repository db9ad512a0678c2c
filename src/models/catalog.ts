// The models of the account (docs/wire/upstream.md#models): fetched from the upstream by a function that is passed in, cached
// on disk, with a bundled list in case fetching fails.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { reasonOf } from '../system/errno.ts';
import { saveFile } from '../system/whole-file.ts';
import { bundledEntries } from './bundle.ts';
import { type Model, readModels } from './model.ts';

/** The models as last fetched. */
export interface Models {
  /** By priority, hidden ones included. */
  models: readonly Model[];
  etag: string | undefined;
  /** When the upstream last sent the list or confirmed it with 304; 0 for the bundle. */
  fetchedAtMs: number;
  origin: 'upstream' | 'bundle';
}

export type CatalogResponse = { status: 304 } | { status?: 200; etag: string | undefined; models: unknown };

export interface CatalogOptions {
  /** Fetches the list; must time out after a few seconds, because the first request waits for it. */
  fetchCatalog(known: { etag: string | undefined }): Promise<CatalogResponse>;
  /** The file that caches the list between runs; undefined caches it in memory only. */
  cacheFile: string | undefined;
  /** Identifies the list: upstream, client version and account. A cache file with another identity is ignored. */
  identity: string;
  nowMs: () => number;
  log: Log;
}

/** The Codex CLI's own limit. */
const freshMs = 300_000;
/** Minimum time to the next fetch after a failure, a hint or a miss. */
const backoffMs = 30_000;

export class Catalog {
  #models: Models | undefined;
  /** The list on disk, read once. */
  #cached: Promise<Models | undefined> | undefined;
  #bundle: Models | undefined;
  #inFlight: Promise<Models> | undefined;
  #backoffUntilMs = 0;
  #nextMissMs = 0;

  constructor(private readonly options: CatalogOptions) {}

  /** The models. Waits only for the first list; a stale one is returned and refreshed in the background. */
  async models(): Promise<Models> {
    const known = await this.#loadKnown();
    if (known === undefined) return this.#firstModels();
    if (Math.abs(this.options.nowMs() - known.fetchedAtMs) >= freshMs) this.#refreshInBackground();
    return known;
  }

  /** The models known without a request: those in memory or on disk, else the bundle. */
  async known(): Promise<Models> {
    return (await this.#loadKnown()) ?? this.#bundled();
  }

  /** Fetches the list now; throws if that fails. */
  refresh(): Promise<Models> {
    this.#inFlight ??= this.#fetch().finally(() => {
      this.#inFlight = undefined;
    });
    return this.#inFlight;
  }

  /** The models after a client requested an unknown one: fetched again, at most once per `backoffMs`. */
  async modelsAfterMiss(): Promise<Models> {
    const known = await this.models();
    if (this.#waits(this.#nextMissMs)) return known;
    this.#nextMissMs = this.options.nowMs() + backoffMs;
    return this.refresh().catch((thrown: unknown) => {
      this.#recordFailure(thrown);
      return known;
    });
  }

  /** Takes the `x-models-etag` of a turn: a different etag means that the list has changed. */
  hint(etag: string): void {
    if (this.#models === undefined || this.#models.etag === etag) return;
    // The list's own etag may be missing or differ from that of turns, which must not cause a fetch per turn.
    if (this.options.nowMs() - this.#models.fetchedAtMs >= backoffMs) this.#refreshInBackground();
  }

  async #firstModels(): Promise<Models> {
    if (this.#waits(this.#backoffUntilMs)) return this.#bundled();
    try {
      return await this.refresh();
    } catch (thrown) {
      this.#recordFailure(thrown);
      return this.#bundled();
    }
  }

  #bundled(): Models {
    this.#bundle ??= bundledModels();
    return this.#bundle;
  }

  #refreshInBackground(): void {
    if (this.#inFlight !== undefined || this.#waits(this.#backoffUntilMs)) return;
    this.refresh().catch((thrown) => this.#recordFailure(thrown));
  }

  /** Whether a wait of `backoffMs` is not over yet. More is left only if the clock was set back. */
  #waits(untilMs: number): boolean {
    const leftMs = untilMs - this.options.nowMs();
    return leftMs > 0 && leftMs <= backoffMs;
  }

  #recordFailure(thrown: unknown): void {
    this.#backoffUntilMs = this.options.nowMs() + backoffMs;
    const { kind, message } = asFailure(thrown);
    // A missing login is reported by the command or request itself.
    const level = kind === 'login_required' ? 'debug' : 'warn';
    this.options.log[level]('could not fetch the model catalogue', { kind, why: message });
  }

  async #fetch(): Promise<Models> {
    const known = await this.#loadKnown();
    const response = await this.options.fetchCatalog({ etag: known?.etag });
    const fetchedAtMs = this.options.nowMs();
    const models =
      response.status === 304 ? revalidatedModels(known, fetchedAtMs) : fetchedModels(response, fetchedAtMs);
    this.#models = models;
    await this.#writeCache(models);
    return models;
  }

  /** The list from memory or disk. If a fetch completes while the disk is read, its list wins. */
  async #loadKnown(): Promise<Models | undefined> {
    if (this.#models !== undefined) return this.#models;
    this.#cached ??= this.#readCache();
    const cached = await this.#cached;
    this.#models ??= cached;
    return this.#models;
  }

  async #readCache(): Promise<Models | undefined> {
    if (this.options.cacheFile === undefined) return undefined;
    try {
      const { identity, etag, fetchedAtMs, models } = JSON.parse(
        await readFile(this.options.cacheFile, 'utf8'),
      );
      if (identity !== this.options.identity || typeof fetchedAtMs !== 'number') return undefined;
      return { models: readModels(models), etag, fetchedAtMs, origin: 'upstream' };
    } catch {
      // Missing, truncated or from another version.
      return undefined;
    }
  }

  async #writeCache({ models, etag, fetchedAtMs }: Models): Promise<void> {
    const { cacheFile, identity, log } = this.options;
    if (cacheFile === undefined) return;
    const text = JSON.stringify({ identity, etag, fetchedAtMs, models: models.map(({ entry }) => entry) });
    try {
      await mkdir(dirname(cacheFile), { recursive: true, mode: 0o700 });
      await saveFile(cacheFile, text);
    } catch (thrown) {
      log.debug('could not cache the model catalogue', { why: reasonOf(thrown) });
    }
  }
}

function fetchedModels(
  { models, etag }: Exclude<CatalogResponse, { status: 304 }>,
  fetchedAtMs: number,
): Models {
  return { models: readModels(models), etag, fetchedAtMs, origin: 'upstream' };
}

function revalidatedModels(known: Models | undefined, fetchedAtMs: number): Models {
  if (known === undefined)
    throw new Failure('upstream_broke', 'The upstream sent an unexpected 304 for the model catalogue.');
  return { ...known, fetchedAtMs };
}

function bundledModels(): Models {
  return { models: readModels(bundledEntries), etag: undefined, fetchedAtMs: 0, origin: 'bundle' };
}

/** Does not wait for the upstream if a list of the account's models is cached. */
export async function knownModels(catalog: Catalog): Promise<Models> {
  const known = await catalog.known();
  return known.origin === 'bundle' ? catalog.models() : known;
}
