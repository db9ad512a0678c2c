// Which models a caller may use: a key may be limited to some.
import { type ModelNaming, type Naming, resolve, visibleModels } from './aliases.ts';
import { matchesGlob } from './glob.ts';
import type { Model } from './model.ts';

export interface ModelCaller {
  /** Globs of the models the caller may use; all when absent. */
  readonly models: readonly string[] | undefined;
}

/** Whether the caller's key is for models of this name. */
export function permitsName({ models }: ModelCaller, name: string): boolean {
  return models === undefined || models.some((glob) => matchesGlob(glob, name));
}

/** What lists show to this caller. */
export function offeredTo(caller: ModelCaller, naming: Naming): Model[] {
  return visibleModels(naming).filter(({ slug }) => permitsName(caller, slug));
}

/**
 * The model that answers for a name, if the caller may use it. Unknown names have none, not even the default model.
 */
export function foundFor(
  caller: ModelCaller,
  id: string,
  naming: Naming,
  style: ModelNaming = 'strict',
): Model | undefined {
  try {
    const { model } = resolve(id, { ...naming, unknown: 'error' }, style);
    return permitsName(caller, model.slug) ? model : undefined;
  } catch {
    return undefined;
  }
}
