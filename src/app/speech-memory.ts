// The speech models that engines keep in memory, for the admin routes that list and unload them.

import type { LoadedModel, LoadedModels } from '../apis/services.ts';
import type { Engine } from '../audio/engines/engine.ts';

export function loadedModels(engines: readonly Engine[], nowMs: () => number): LoadedModels {
  const loadedBy = ({ id, memory }: Engine): LoadedModel[] => {
    const state = memory?.loaded();
    if (state === undefined) return [];
    const { model, isPinned, activeJobs, lastUsedAtMs } = state;
    const idleSeconds = activeJobs > 0 ? 0 : Math.floor((nowMs() - lastUsedAtMs) / 1000);
    return [{ id: `${id}:${model}`, engine: id, model, pinned: isPinned, active: activeJobs, idleSeconds }];
  };
  return {
    list: () => engines.flatMap(loadedBy),
    unload: async (wanted) => {
      await engines.find((engine) => loadedBy(engine).some(({ id }) => id === wanted))?.memory?.release();
    },
  };
}
