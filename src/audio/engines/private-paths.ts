// Hides a `model` setting that is a path: clients see the model's name only.
import { isPath, publicModel } from '../paths.ts';
import type { Engine } from './engine.ts';

export function hideModelPath(engine: Engine): Engine {
  const { defaultModel: path, memory } = engine;
  if (path === undefined || !isPath(path)) return engine;
  const name = publicModel(path);
  const actualModel = (model: string) => (model === name ? path : model);
  const { has } = engine;
  return {
    ...engine,
    defaultModel: name,
    models: engine.models.map(publicModel),
    available: async () => (await engine.available()).map(publicModel),
    ...(has && { has: (model: string) => has(actualModel(model)) }),
    transcribe: (job) => engine.transcribe({ ...job, model: actualModel(job.model) }),
    ...(memory && {
      memory: {
        ...memory,
        loaded: () => {
          const state = memory.loaded();
          return state && { ...state, model: publicModel(state.model) };
        },
      },
    }),
  };
}
