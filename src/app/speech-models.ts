// The available speech models for model lists. Cached and refreshed in the background, because clients poll these lists and
// probing some engines takes seconds.

import type { SpeechModel } from '../apis/openai/transcriptions/models.ts';
import type { Engine } from '../audio/engines/engine.ts';
import type { EngineChoice, Registry } from '../audio/registry.ts';

const freshMs = 60_000;
/** How long the first caller waits for engines that respond fast. */
const firstWaitMs = 300;
/** The name that clients know, listed in addition to the default model. */
const familiarName = 'whisper-1';

/** `complete` waits until every engine has been probed. */
export type ListSpeechModels = (options?: { complete?: true }) => Promise<SpeechModel[]>;

export function createSpeechModels(registry: Registry, nowMs: () => number): ListSpeechModels {
  const { engines } = registry;
  const known = new Map<Engine, SpeechModel[]>();
  let refreshedAtMs = Number.NEGATIVE_INFINITY;
  let refresh: Promise<unknown> = Promise.resolve();
  return async ({ complete } = {}) => {
    if (nowMs() - refreshedAtMs >= freshMs) {
      refreshedAtMs = nowMs();
      refresh = Promise.all(
        engines.map(async (engine) => known.set(engine, await modelsOf(engine, registry))),
      );
    }
    if (complete) await refresh;
    else if (known.size < engines.length) await Promise.race([refresh, Bun.sleep(firstWaitMs)]);
    return engines.flatMap((engine) => known.get(engine) ?? []);
  };
}

/** One entry per available model, or one for an engine that is not ready. */
async function modelsOf(engine: Engine, registry: Registry): Promise<SpeechModel[]> {
  const { id, capabilities, install } = engine;
  const readiness = await engine.probe();
  const row = { engine: id, capabilities, install };
  if (!readiness.ready) return [{ ...row, id, ready: false, why: readiness.why, fix: readiness.fix }];
  const models = await engine.available().catch(() => []);
  const names = new Set([...models, ...(engine.defaultModel === undefined ? [] : [engine.defaultModel])]);
  const allowed = [...names].filter((model) => registry.allows(id, model));
  const defaults = defaultChoice(registry);
  return allowed.flatMap((model) => {
    const known = defaults?.engine === engine && defaults.model === model ? [familiarName] : [];
    return [...known, model === id ? id : `${id}:${model}`].map((name) => ({
      ...row,
      id: name,
      ready: true,
    }));
  });
}

/** The choice for requests that name no model; undefined if the configured model does not exist. */
function defaultChoice(registry: Registry): EngineChoice | undefined {
  try {
    return registry.first({});
  } catch {
    return undefined;
  }
}
