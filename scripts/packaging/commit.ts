// The commit of the build. BUILD_COMMIT sets it if there is no repository, as in an image's build context.
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
/** The files that the program is built from. */
const sources = ['src', 'patches', 'scripts/build.ts', 'scripts/packaging', 'package.json', 'bun.lock'];

export function sourceCommit(): string {
  const named = process.env.BUILD_COMMIT;
  if (named) return named;
  const head = git('rev-parse', '--short=12', 'HEAD');
  if (!head.success) return 'unknown';
  const isClean = git('diff', '--quiet', 'HEAD', '--', ...sources).success;
  return `${head.text}${isClean ? '' : '-dirty'}`;
}

function git(...args: string[]): { success: boolean; text: string } {
  try {
    const { success, stdout } = Bun.spawnSync(['git', ...args], { cwd: root, stderr: 'ignore' });
    return { success, text: stdout.toString().trim() };
  } catch {
    return { success: false, text: '' };
  }
}
