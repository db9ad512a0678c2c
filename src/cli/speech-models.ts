// Which speech models can be asked for right now, for the lists of models: looked up in the background, told from memory,
// because clients poll those lists and some engines take seconds to say whether they are there.
import type { Engine } from '../audio/engines/engine.ts';
import type { SpeechModel } from '../dialects/openai/transcriptions/models.ts';

const freshMs = 60_000;
/** The first caller waits so long for those that answer at once. */
const patienceMs = 300;

/** `usual`: what OpenAI's names for speech models mean here. It is listed under the one that clients know. */
export function createSpeechModels(
  engines: readonly Engine[],
  usual: () => { engine: Engine; model: string } | undefined,
  nowMs: () => number,
): () => Promise<SpeechModel[]> {
  const nameOf = (engine: Engine, model: string) => {
    const { engine: usualEngine, model: usualModel } = usual() ?? {};
    if (engine === usualEngine && model === usualModel) return 'whisper-1';
    return model === engine.id ? model : `${engine.id}:${model}`;
  };
  const known = new Map<Engine, SpeechModel[]>();
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<unknown> = Promise.resolve();
  return async () => {
    if (nowMs() - askedAtMs >= freshMs) {
      askedAtMs = nowMs();
      asking = Promise.all(engines.map(async (engine) => known.set(engine, await modelsOf(engine, nameOf))));
    }
    if (known.size < engines.length) await Promise.race([asking, Bun.sleep(patienceMs)]);
    return engines.flatMap((engine) => known.get(engine) ?? []);
  };
}

/** One row per model that can be used, or one for the engine that cannot. */
async function modelsOf(
  engine: Engine,
  nameOf: (engine: Engine, model: string) => string,
): Promise<SpeechModel[]> {
  const { id, capabilities, install } = engine;
  const readiness = await engine.probe();
  const row = { engine: id, capabilities, install };
  if (!readiness.ready) return [{ ...row, id, ready: false, why: readiness.why, fix: readiness.fix }];
  const models = await engine.available().catch(() => []);
  const names = new Set([...models, ...(engine.defaultModel === undefined ? [] : [engine.defaultModel])]);
  return [...names].map((model) => ({ ...row, id: nameOf(engine, model), ready: true }));
}
