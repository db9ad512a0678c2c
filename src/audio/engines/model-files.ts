// Finds the models of local engines. whisper.cpp has no standard directory for its files, so the configuration names
// directories; the Python tools share the Hugging Face cache.
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPath } from '../paths.ts';
import type { EngineSettings } from './settings.ts';

/** Names that clients may send: never a path, a flag or `..`. */
const safeModelName = /^[A-Za-z0-9][\w.+-]{0,99}(?:\/[A-Za-z0-9][\w.+-]{0,99})?$/;

/** Whether a request may name this model; only the configuration may use paths. */
export function isSafeModelName(model: string): boolean {
  return safeModelName.test(model);
}

/** The file of a ggml model: a path from the configuration, or `ggml-<name>.bin` in one of the directories. */
export async function findGgml(
  model: string,
  settings: EngineSettings,
  dirs: readonly string[],
): Promise<string | undefined> {
  if (model === settings.model && isPath(model)) return (await isGgml(model)) ? model : undefined;
  for (const dir of dirs) {
    const path = join(dir, ggmlFile(model));
    if (await isGgml(path)) return path;
  }
  return undefined;
}

export function ggmlFile(model: string): string {
  return `ggml-${model.replace(/^ggml-/, '').replace(/\.bin$/, '')}.bin`;
}

/** The names of ggml models in the directories, e.g. `base.en`. */
export async function listGgml(dirs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const dir of dirs) {
    for (const file of await listDirectory(dir)) {
      const name = /^ggml-(.+)\.bin$/.exec(file)?.[1];
      if (name !== undefined && (await isGgml(join(dir, file)))) found.add(name);
    }
  }
  return [...found].sort();
}

/** Checks for the magic number 0x67676d6c, little endian. */
async function isGgml(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const head = Buffer.alloc(4);
      await file.read(head, 0, 4, 0);
      return head.toString('latin1') === 'lmgg';
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

/** Repositories in Hugging Face caches, as `owner/name`. */
export async function listHubModels(dirs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const dir of dirs) {
    for (const entry of await listDirectory(dir)) {
      const [, owner, ...name] = entry.split('--');
      if (!entry.startsWith('models--') || owner === undefined || name.length === 0) continue;
      // An interrupted download leaves no snapshot.
      if ((await listDirectory(join(dir, entry, 'snapshots'))).length > 0)
        found.add(`${owner}/${name.join('--')}`);
    }
  }
  return [...found].sort();
}

/** The configured directories, then the default directory of the Hugging Face cache. */
export function hubDirs(
  dirs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  homedir: string,
): string[] {
  const defaultDir =
    env.HF_HUB_CACHE ||
    (env.HF_HOME ? join(env.HF_HOME, 'hub') : join(homedir, '.cache', 'huggingface', 'hub'));
  return [...dirs, defaultDir];
}

/** The first of the directories that looks like a Hugging Face cache. */
export async function hubCacheAmong(dirs: readonly string[]): Promise<string | undefined> {
  for (const dir of dirs) {
    if ((await listDirectory(dir)).some((entry) => entry.startsWith('models--'))) return dir;
  }
  return undefined;
}

/** The directory of a CTranslate2 model for faster-whisper: `<dir>/<name>`, or a path from the configuration. */
export async function findCTranslateModel(
  model: string,
  settings: EngineSettings,
  dirs: readonly string[],
): Promise<string | undefined> {
  const candidates =
    model === settings.model && isPath(model) ? [model] : dirs.map((dir) => join(dir, model));
  for (const candidate of candidates) if (await isFile(join(candidate, 'model.bin'))) return candidate;
  return undefined;
}

/** The names of directories with a CTranslate2 model. */
export async function listCTranslateModels(dirs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const dir of dirs) {
    for (const name of await listDirectory(dir))
      if (await isFile(join(dir, name, 'model.bin'))) found.add(name);
  }
  return [...found].sort();
}

export async function listDirectory(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
