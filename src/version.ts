// The version of package.json and the commit, written in by `scripts/build`; a run from source says so.
import pkg from '../package.json' with { type: 'json' };

declare const BUILD_COMMIT: string;

export const version: string = pkg.version;
export const commit: string = typeof BUILD_COMMIT === 'string' ? BUILD_COMMIT : 'source';
