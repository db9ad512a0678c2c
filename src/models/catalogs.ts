// A catalogue per Codex version: the upstream hides models from versions that are too old for them, so that a Codex client
// is judged by the list of its own version.
import { type Naming, resolve } from './aliases.ts';
import type { Catalog, Models } from './catalog.ts';
import { unlistedModel } from './model.ts';

export interface CatalogsOptions {
  /** The Codex version whose list everybody but Codex clients gets. */
  ownVersion: string;
  open: (version: string) => Catalog;
}

/** Versions of clients on one machine are few; who sends more makes codexd ask the upstream again. */
const mostOthers = 8;

export class Catalogs {
  readonly own: Catalog;
  /** By version, the longest unused first. */
  readonly #others = new Map<string, Catalog>();

  constructor(private readonly options: CatalogsOptions) {
    this.own = options.open(options.ownVersion);
  }

  /** The catalogue for a client that says it is Codex `version`. */
  of(version: string | undefined): Catalog {
    const listed = version?.split('-')[0];
    if (listed === undefined || listed === this.options.ownVersion) return this.own;
    const catalog = this.#others.get(listed) ?? this.options.open(listed);
    this.#others.delete(listed);
    this.#others.set(listed, catalog);
    if (this.#others.size > mostOthers) this.#others.delete(this.#others.keys().next().value!);
    return catalog;
  }
}

/** The names a Codex client's turn is judged by: what the list lacks is looked up once more, then passed on. */
export async function codexNaming(
  name: string,
  catalog: Catalog,
  namingOf: (models: Models) => Naming,
): Promise<Naming> {
  const known = namingOf(await catalog.models());
  if (isAnswered(name, known)) return known;
  const refreshed = namingOf(await catalog.modelsAfterMiss());
  if (isAnswered(name, refreshed)) return refreshed;
  return { ...refreshed, models: [...refreshed.models, unlistedModel(name)] };
}

function isAnswered(name: string, naming: Naming): boolean {
  try {
    resolve(name, naming, 'openai');
    return true;
  } catch {
    return false;
  }
}
