// Where the models of local engines lie: there is no standard place for whisper.cpp's files, so the
// settings name directories; the Python tools share the Hugging Face cache.
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPath } from '../paths.ts';
import type { EngineSettings } from './settings.ts';

/** Names clients may say: never a path, never a flag, nothing that climbs out of a directory. */
const sayable = /^[A-Za-z0-9][\w.+-]{0,99}(?:\/[A-Za-z0-9][\w.+-]{0,99})?$/;

/** Whether a request may name this model. What the settings name may be a path. */
export function isSayable(model: string): boolean {
  return sayable.test(model);
}

/** The file of a ggml model: a path the settings name, or `ggml-<name>.bin` in one of the directories. */
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

/** Names of the ggml models in the directories, e.g. `base.en`. */
export async function listGgml(dirs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const dir of dirs) {
    for (const file of await entries(dir)) {
      const name = /^ggml-(.+)\.bin$/.exec(file)?.[1];
      if (name !== undefined && (await isGgml(join(dir, file)))) found.add(name);
    }
  }
  return [...found].sort();
}

/** Magic 0x67676d6c, little endian. */
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
    for (const entry of await entries(dir)) {
      const [, owner, ...name] = entry.split('--');
      if (!entry.startsWith('models--') || owner === undefined || name.length === 0) continue;
      // A download that was broken off leaves no snapshot.
      if ((await entries(join(dir, entry, 'snapshots'))).length > 0) found.add(`${owner}/${name.join('--')}`);
    }
  }
  return [...found].sort();
}

/** The directories of the Hugging Face cache, the configured ones first. */
export function hubDirs(
  dirs: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  homedir: string,
): string[] {
  const usual =
    env.HF_HUB_CACHE ||
    (env.HF_HOME ? join(env.HF_HOME, 'hub') : join(homedir, '.cache', 'huggingface', 'hub'));
  return [...dirs, usual];
}

/** The first of the directories that looks like a Hugging Face cache. */
export async function hubCacheAmong(dirs: readonly string[]): Promise<string | undefined> {
  for (const dir of dirs) {
    if ((await entries(dir)).some((entry) => entry.startsWith('models--'))) return dir;
  }
  return undefined;
}

/** A directory with a converted model of faster-whisper: `<dir>/<name>`, or a path the settings name. */
export async function findConverted(
  model: string,
  settings: EngineSettings,
  dirs: readonly string[],
): Promise<string | undefined> {
  const places = model === settings.model && isPath(model) ? [model] : dirs.map((dir) => join(dir, model));
  for (const place of places) if (await isFile(join(place, 'model.bin'))) return place;
  return undefined;
}

/** Names of the directories that hold such a model. */
export async function listConverted(dirs: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const dir of dirs) {
    for (const name of await entries(dir)) if (await isFile(join(dir, name, 'model.bin'))) found.add(name);
  }
  return [...found].sort();
}

export async function entries(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
