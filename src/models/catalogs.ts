// One catalogue per Codex version: the upstream hides models from versions that are too old for them, so each Codex client
// gets the list for its own version.
import { type Naming, resolve } from './aliases.ts';
import type { Catalog, Models } from './catalog.ts';
import { unlistedModel } from './model.ts';

export interface CatalogsOptions {
  /** The Codex version whose list all other clients get. */
  ownVersion: string;
  open: (version: string) => Catalog;
}

/** One machine has few Codex versions. Beyond this number, the catalogue unused for longest is dropped. */
const maxOtherVersions = 8;

export class Catalogs {
  readonly own: Catalog;
  /** By version, the least recently used first. */
  readonly #others = new Map<string, Catalog>();

  constructor(private readonly options: CatalogsOptions) {
    this.own = options.open(options.ownVersion);
  }

  /** The catalogue for Codex `version`; codexd's own if undefined. */
  of(version: string | undefined): Catalog {
    const release = version?.split('-')[0];
    if (release === undefined || release === this.options.ownVersion) return this.own;
    const catalog = this.#others.get(release) ?? this.options.open(release);
    this.#others.delete(release);
    this.#others.set(release, catalog);
    if (this.#others.size > maxOtherVersions) this.#others.delete(this.#others.keys().next().value!);
    return catalog;
  }
}

/** The naming for a Codex client's turn. A model missing from the list is looked up once more, then passed on unverified. */
export async function codexNaming(
  name: string,
  catalog: Catalog,
  namingOf: (models: Models) => Naming,
): Promise<Naming> {
  const known = namingOf(await catalog.models());
  if (canResolve(name, known)) return known;
  const refreshed = namingOf(await catalog.modelsAfterMiss());
  if (canResolve(name, refreshed)) return refreshed;
  return { ...refreshed, models: [...refreshed.models, unlistedModel(name)] };
}

function canResolve(name: string, naming: Naming): boolean {
  try {
    resolve(name, naming, 'strict');
    return true;
  } catch {
    return false;
  }
}
