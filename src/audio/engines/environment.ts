// The environment of engine programs: where models are, and no credentials except a configured Hugging Face token.
import { childEnvironment } from '../../system/child-environment.ts';
import { hubCacheAmong } from './model-files.ts';
import type { EngineContext, EngineOptions, EngineSettings } from './settings.ts';

export async function engineEnvironment(
  { env }: EngineContext,
  { hfToken }: EngineOptions,
  settings: Pick<EngineSettings, 'modelDirs' | 'passEnv'>,
  modelDirs: readonly string[],
): Promise<Record<string, string | undefined>> {
  // A model directory of this engine becomes its cache; one that all engines share only if it is a cache already.
  const isOwn = settings.modelDirs !== undefined;
  const hubCache = (await hubCacheAmong(modelDirs)) ?? (isOwn ? modelDirs[0] : undefined);
  return {
    ...childEnvironment(env, ['network', 'speech'], settings.passEnv),
    PYTHONUTF8: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    ...(hfToken === undefined ? {} : { HF_TOKEN: hfToken }),
    ...(hubCache === undefined ? {} : { HF_HUB_CACHE: hubCache }),
  };
}
