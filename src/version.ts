// The version from package.json, and the commit and target that `scripts/build` sets; `source` when run from source.
import pkg from '../package.json' with { type: 'json' };

declare const BUILD_COMMIT: string;
declare const BUILD_TARGET: string;

export const version: string = pkg.version;
export const commit: string = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'source';
const target: string = typeof BUILD_TARGET === 'string' ? BUILD_TARGET : 'source';

/** What `codexd --version` prints. */
export function versionText(json: boolean): string {
  if (json) return `${JSON.stringify({ version, commit, target })}\n`;
  return `codexd ${version} (${target === commit ? commit : `${commit}, ${target}`})\n`;
}
