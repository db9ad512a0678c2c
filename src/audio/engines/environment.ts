// The environment that programs of engines run in: no credentials but Hugging Face's where it is set, and where models are.
import { childEnvironment } from '../../system/child-environment.ts';
import { hubCacheAmong } from './model-files.ts';
import type { EngineOptions, EngineSettings, Surroundings } from './settings.ts';

export async function engineEnvironment(
  { env }: Surroundings,
  { hfToken }: EngineOptions,
  settings: Pick<EngineSettings, 'modelDirs' | 'passEnv'>,
  modelDirs: readonly string[],
): Promise<Record<string, string | undefined>> {
  // A directory for all engines may be full of other files: it is a cache only where it is one already.
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
