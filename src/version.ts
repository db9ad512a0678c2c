// The version from package.json, and the commit that `scripts/build` sets; `source` when run from source.
import pkg from '../package.json' with { type: 'json' };

declare const BUILD_COMMIT: string;

export const version: string = pkg.version;
export const commit: string = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'source';
