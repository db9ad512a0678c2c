// Programs that use several releases of the AI SDK, run by Node. The releases are installed from npm into .tools/ once
// and are not part of the project.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installFromNpm } from '../support/install.ts';

export interface Release {
  /** The version of the package `ai`. */
  version: string;
  /** The directory for programs that import it. */
  directory: string;
}

/** Versions of `ai` and of the matching `@ai-sdk/openai`. */
const releases = { 6: ['6.0.326', '3.0.141'], 7: ['7.0.173', '4.0.118'] } as const;

/** Installs it if necessary, or returns the reason why it cannot. */
export function installRelease(major: keyof typeof releases): Release | { why: string } {
  const [version, provider] = releases[major];
  const packages = [`ai@${version}`, `@ai-sdk/openai@${provider}`, 'zod@4'];
  const directory = installFromNpm(`ai-sdk-${version}`, packages);
  return directory === undefined ? { why: `npm could not install ai ${version}` } : { version, directory };
}

/** Runs an ES module with Node and the SDK, and returns the JSON it prints. */
export async function runWithAiSdk<T>(
  { directory }: Release,
  program: string,
  env: Record<string, string>,
): Promise<T> {
  const path = join(directory, `program-${crypto.randomUUID()}.mjs`);
  writeFileSync(path, program);
  try {
    const child = Bun.spawn(['node', path], {
      env: { PATH: process.env.PATH ?? '', ...env },
      stderr: 'pipe',
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    if ((await child.exited) !== 0) throw new Error(err);
    return JSON.parse(out) as T;
  } finally {
    await Bun.file(path).delete();
  }
}
