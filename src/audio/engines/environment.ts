// The environment that programs of engines run in: ours without our credentials, and where Hugging Face's files lie.
import { hubCacheAmong } from './model-files.ts';
import type { EngineOptions, Surroundings } from './settings.ts';

/** Variables of codexd and of the projects before it: no engine has a use for them. */
const ours = /^(?:CODEXD_|CODEX_|CHATGPT_|OPENAI_CODEX_|OPEN_ASR_)/;

export function withoutOurs(env: Surroundings['env']): Surroundings['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}

/** `own`: the directories that were set for this engine alone. */
export async function childEnvironment(
  { env }: Surroundings,
  { hfToken }: EngineOptions,
  modelDirs: readonly string[],
  own: boolean,
): Promise<Record<string, string | undefined>> {
  // A directory for all engines may be full of other files: it is a cache only where it is one already.
  const hubCache = (await hubCacheAmong(modelDirs)) ?? (own ? modelDirs[0] : undefined);
  return {
    ...withoutOurs(env),
    PYTHONUTF8: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
    ...(hfToken === undefined ? {} : { HF_TOKEN: hfToken }),
    ...(hubCache === undefined ? {} : { HF_HUB_CACHE: hubCache }),
  };
}
