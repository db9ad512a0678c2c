// Which speech models can be asked for right now, for the lists of models: looked up in the background, told from memory,
// because clients poll those lists and some engines take seconds to say whether they are there.
import type { Engine } from '../audio/engines/engine.ts';
import type { Choice, Registry } from '../audio/registry.ts';
import type { SpeechModel } from '../dialects/openai/transcriptions/models.ts';

const freshMs = 60_000;
/** The first caller waits so long for those that answer at once. */
const patienceMs = 300;
/** What clients know: it is listed beside the model that OpenAI's own names mean here. */
const usualName = 'whisper-1';

/** `complete` waits for every engine, however long it takes to say whether it is there. */
export type ListSpeechModels = (options?: { complete?: true }) => Promise<SpeechModel[]>;

export function createSpeechModels(registry: Registry, nowMs: () => number): ListSpeechModels {
  const { engines } = registry;
  const known = new Map<Engine, SpeechModel[]>();
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<unknown> = Promise.resolve();
  return async ({ complete } = {}) => {
    if (nowMs() - askedAtMs >= freshMs) {
      askedAtMs = nowMs();
      asking = Promise.all(
        engines.map(async (engine) => known.set(engine, await modelsOf(engine, registry))),
      );
    }
    if (complete) await asking;
    else if (known.size < engines.length) await Promise.race([asking, Bun.sleep(patienceMs)]);
    return engines.flatMap((engine) => known.get(engine) ?? []);
  };
}

/** One row per model that can be used, or one for the engine that cannot. */
async function modelsOf(engine: Engine, registry: Registry): Promise<SpeechModel[]> {
  const { id, capabilities, install } = engine;
  const readiness = await engine.probe();
  const row = { engine: id, capabilities, install };
  if (!readiness.ready) return [{ ...row, id, ready: false, why: readiness.why, fix: readiness.fix }];
  const models = await engine.available().catch(() => []);
  const names = new Set([...models, ...(engine.defaultModel === undefined ? [] : [engine.defaultModel])]);
  const allowed = [...names].filter((model) => registry.allows(id, model));
  const usual = usualOf(registry);
  return allowed.flatMap((model) => {
    const known = usual?.engine === engine && usual.model === model ? [usualName] : [];
    return [...known, model === id ? id : `${id}:${model}`].map((name) => ({
      ...row,
      id: name,
      ready: true,
    }));
  });
}

/** What a request means that names no model; undefined where the settings name none that there is. */
function usualOf(registry: Registry): Choice | undefined {
  try {
    return registry.first({});
  } catch {
    return undefined;
  }
}
