// The targets that codexd is built for. runtimes.json pins the Bun npm package of each by its integrity hash. Old
// processors need no separate build: Bun's x64 packages run without AVX.
import { readFileSync } from 'node:fs';
import runtimes from './runtimes.json' with { type: 'json' };

export type Target = keyof typeof runtimes.targets;

export const targets = Object.keys(runtimes.targets) as Target[];
export const bunVersion = runtimes.bun;

export const isTarget = (name: string): name is Target => Object.hasOwn(runtimes.targets, name);
export const isWindows = (target: Target): boolean => target.startsWith('windows-');
/** The file name of the program. */
export const programName = (target: Target): string => (isWindows(target) ? 'codexd.exe' : 'codexd');
export const binaryName = (target: Target): string => `codexd-${target}${isWindows(target) ? '.exe' : ''}`;

/** The npm package with Bun for `target`. */
export const runtimePackage = (target: Target) => runtimes.targets[target];

/** The target of this machine. A Linux without glibc is recognised by the dynamic loader of the running Bun. */
export function hostTarget(): Target {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const isMusl = system === 'linux' && readFileSync(process.execPath).subarray(0, 4096).includes('ld-musl');
  const name = `${system}-${process.arch}${isMusl ? '-musl' : ''}`;
  if (!isTarget(name)) throw new Error(`codexd cannot be built for this machine (${name}).`);
  return name;
}
