// The speech models that engines hold in memory, as the admin routes see and end them.
import type { Engine } from '../audio/engines/engine.ts';
import type { LoadedModel, LoadedModels } from '../server/speech-admin.ts';

export function loadedModels(engines: readonly Engine[], nowMs: () => number): LoadedModels {
  const loadedBy = ({ id, memory }: Engine): LoadedModel[] => {
    const held = memory?.held();
    if (held === undefined) return [];
    const { model, isPinned, jobs, usedAtMs } = held;
    const idleSeconds = jobs > 0 ? 0 : Math.floor((nowMs() - usedAtMs) / 1000);
    return [{ id: `${id}:${model}`, engine: id, model, pinned: isPinned, active: jobs, idleSeconds }];
  };
  return {
    list: () => engines.flatMap(loadedBy),
    unload: async (wanted) => {
      await engines.find((engine) => loadedBy(engine).some(({ id }) => id === wanted))?.memory?.release();
    },
  };
}
