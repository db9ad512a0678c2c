// The models of the account: asked from the upstream, kept on disk for a while, bundled for the day the call fails
// (reference/upstream-codex.md 10). How the upstream is asked is passed in.
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { reasonOf } from '../system/errno.ts';
import { saveFile } from '../system/whole-file.ts';
import { bundledEntries } from './bundle.ts';
import { type Model, readModels } from './model.ts';

/** The models as they were told last. */
export interface Models {
  /** By priority, hidden ones included. */
  models: readonly Model[];
  etag: string | undefined;
  /** When the upstream told, or last said that nothing had changed; 0 for the bundle. */
  fetchedAtMs: number;
  origin: 'upstream' | 'bundle';
}

export type FetchedCatalog = { status: 304 } | { status?: 200; etag: string | undefined; models: unknown };

export interface CatalogOptions {
  /** Asks the upstream; gives up by itself after a few seconds, since a first request may wait for it. */
  fetchCatalog(known: { etag: string | undefined }): Promise<FetchedCatalog>;
  /** Where the answer is kept between runs; undefined keeps it in memory only. */
  cacheFile: string | undefined;
  /** Whose list it is: upstream, client version and account. A cache of somebody else's list is not read. */
  identity: string;
  nowMs: () => number;
  log: Log;
}

/** As long as the Codex CLI keeps its own. */
const freshMs = 300_000;
/** After a failure, and between two hints, the upstream is left alone for this long. */
const restMs = 30_000;

export class Catalog {
  #models: Models | undefined;
  #flight: Promise<Models> | undefined;
  #restUntilMs = 0;
  #missedUntilMs = 0;

  constructor(private readonly options: CatalogOptions) {}

  /** The models, without waiting when they are known at all: old ones are asked for again behind the caller's back. */
  async models(): Promise<Models> {
    const known = await this.#recall();
    if (known === undefined) return this.#firstModels();
    if (this.options.nowMs() - known.fetchedAtMs >= freshMs) this.#refreshBehind();
    return known;
  }

  /** The models as far as they are known without asking: kept on disk, else the bundle. */
  async known(): Promise<Models> {
    return (await this.#recall()) ?? bundledModels();
  }

  /** Asks the upstream now; fails when the upstream does. */
  refresh(): Promise<Models> {
    this.#flight ??= this.#fetch().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  /** The models after a client has asked for one they lack: fetched again, unless another miss was a moment ago. */
  async modelsAfterMiss(): Promise<Models> {
    const known = await this.models();
    if (this.options.nowMs() < this.#missedUntilMs) return known;
    this.#missedUntilMs = this.options.nowMs() + restMs;
    return this.refresh().catch((thrown: unknown) => {
      this.#failed(thrown);
      return known;
    });
  }

  /** A turn's `x-models-etag`: another one than ours means that the list has changed. */
  hint(etag: string): void {
    if (this.#models === undefined || this.#models.etag === etag) return;
    // The list may come without an etag, or with another one than turns name: not a question per turn.
    if (this.options.nowMs() - this.#models.fetchedAtMs >= restMs) this.#refreshBehind();
  }

  async #firstModels(): Promise<Models> {
    if (this.options.nowMs() < this.#restUntilMs) return bundledModels();
    try {
      return await this.refresh();
    } catch (thrown) {
      this.#failed(thrown);
      return bundledModels();
    }
  }

  #refreshBehind(): void {
    if (this.#flight !== undefined || this.options.nowMs() < this.#restUntilMs) return;
    this.refresh().catch((thrown) => this.#failed(thrown));
  }

  #failed(thrown: unknown): void {
    this.#restUntilMs = this.options.nowMs() + restMs;
    const { kind, message } = asFailure(thrown);
    // Without a login the command or the request says so itself.
    const level = kind === 'login_required' ? 'debug' : 'warn';
    this.options.log[level]('the model catalogue could not be fetched', { kind, why: message });
  }

  async #fetch(): Promise<Models> {
    const known = await this.#recall();
    const answer = await this.options.fetchCatalog({ etag: known?.etag });
    const fetchedAtMs = this.options.nowMs();
    const models = answer.status === 304 ? unchanged(known, fetchedAtMs) : told(answer, fetchedAtMs);
    this.#models = models;
    await this.#writeCache(models);
    return models;
  }

  /** What is known, from memory or disk. A fetch may end while the disk is read, and then knows better. */
  async #recall(): Promise<Models | undefined> {
    if (this.#models !== undefined) return this.#models;
    const kept = await this.#readCache();
    this.#models ??= kept;
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
      // Missing, cut short or of another version: as good as none.
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
      log.debug('the model catalogue could not be kept', { why: reasonOf(thrown) });
    }
  }
}

function told({ models, etag }: Exclude<FetchedCatalog, { status: 304 }>, fetchedAtMs: number): Models {
  return { models: readModels(models), etag, fetchedAtMs, origin: 'upstream' };
}

function unchanged(known: Models | undefined, fetchedAtMs: number): Models {
  if (known === undefined)
    throw new Failure('upstream_broke', 'The catalogue was answered with 304 unasked.');
  return { ...known, fetchedAtMs };
}

function bundledModels(): Models {
  return { models: readModels(bundledEntries), etag: undefined, fetchedAtMs: 0, origin: 'bundle' };
}
