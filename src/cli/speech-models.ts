// Which speech models can be asked for right now, for the lists of models: looked up in the background, told from memory,
// because clients poll those lists and some engines take seconds to say whether they are there.
import type { Engine } from '../audio/engines/engine.ts';
import type { Registry } from '../audio/registry.ts';
import type { SpeechModel } from '../dialects/openai/transcriptions/models.ts';

const freshMs = 60_000;
/** The first caller waits so long for those that answer at once. */
const patienceMs = 300;

export function createSpeechModels(
  { engines, allows }: Pick<Registry, 'engines' | 'allows'>,
  nowMs: () => number,
): () => Promise<SpeechModel[]> {
  const known = new Map<Engine, SpeechModel[]>();
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<unknown> = Promise.resolve();
  return async () => {
    if (nowMs() - askedAtMs >= freshMs) {
      askedAtMs = nowMs();
      asking = Promise.all(engines.map(async (engine) => known.set(engine, await modelsOf(engine, allows))));
    }
    if (known.size < engines.length) await Promise.race([asking, Bun.sleep(patienceMs)]);
    return engines.flatMap((engine) => known.get(engine) ?? []);
  };
}

/** One row per model that can be used, or one for the engine that cannot. */
async function modelsOf(engine: Engine, allows: Registry['allows']): Promise<SpeechModel[]> {
  const { id, capabilities, install } = engine;
  const readiness = await engine.probe();
  const row = { engine: id, capabilities, install };
  if (!readiness.ready) return [{ ...row, id, ready: false, why: readiness.why, fix: readiness.fix }];
  const models = await engine.available().catch(() => []);
  const names = new Set([...models, ...(engine.defaultModel === undefined ? [] : [engine.defaultModel])]);
  const allowed = [...names].filter((model) => allows(id, model));
  return allowed.map((model) => ({ ...row, id: model === id ? id : `${id}:${model}`, ready: true }));
}
