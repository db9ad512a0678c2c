// An engine whose `model` setting is a path, as clients see it: the model goes by its name, everywhere.
import { isPath, publicModel } from '../paths.ts';
import type { Engine } from './engine.ts';

export function withoutPaths(engine: Engine): Engine {
  const { defaultModel: path, memory } = engine;
  if (path === undefined || !isPath(path)) return engine;
  const name = publicModel(path);
  const inside = (model: string) => (model === name ? path : model);
  const { has } = engine;
  return {
    ...engine,
    defaultModel: name,
    models: engine.models.map(publicModel),
    available: async () => (await engine.available()).map(publicModel),
    ...(has && { has: (model: string) => has(inside(model)) }),
    transcribe: (job) => engine.transcribe({ ...job, model: inside(job.model) }),
    ...(memory && {
      memory: {
        ...memory,
        held: () => {
          const held = memory.held();
          return held && { ...held, model: publicModel(held.model) };
        },
      },
    }),
  };
}
