// Decides which models a caller may use; a key may be limited to some.
import { type ModelNaming, type Naming, resolve, visibleModels } from './aliases.ts';
import { matchesGlob } from './glob.ts';
import type { Model } from './model.ts';

export interface ModelCaller {
  /** Globs of the models the caller may use; undefined allows all. */
  readonly models: readonly string[] | undefined;
}

/** Whether the caller may use a model of this name. */
export function permitsName({ models }: ModelCaller, name: string): boolean {
  return models === undefined || models.some((glob) => matchesGlob(glob, name));
}

/** The models that this caller sees in lists. */
export function offeredTo(caller: ModelCaller, naming: Naming): Model[] {
  return visibleModels(naming).filter(({ slug }) => permitsName(caller, slug));
}

/** The model for a name, if the caller may use it. Undefined for unknown names; never the default model instead. */
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
