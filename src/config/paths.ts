// Where things lie: XDG directories, %APPDATA% on Windows, a directory per profile, and the Codex CLI's home.
import { posix, win32 } from 'node:path';
import { Failure } from '../failure.ts';
import type { Env } from './env.ts';

export interface Paths {
  /** codexd's settings. */
  configFile: string;
  /** Settings of the profile, on top of `configFile`; undefined for the default profile. */
  profileConfigFile: string | undefined;
  /** State of the profile: its login, its ledger. */
  stateDir: string;
  /** codexd's own login. */
  authFile: string;
  /** What may be deleted at any time, of the profile. */
  cacheDir: string;
  codexHome: string;
  codexConfigFile: string;
  codexAuthFile: string;
}

export interface Place {
  env: Env;
  platform: string;
  homedir: string;
}

export const defaultProfile = 'default';

export function resolvePaths(place: Place, profile: string, configFile?: string): Paths {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(profile)) {
    throw new Failure('invalid_request', `"${profile}" cannot be the name of a profile.`, {
      code: 'invalid_profile',
      param: 'profile',
      advice: 'Use letters, digits, "-" and "_".',
    });
  }
  const { join } = place.platform === 'win32' ? win32 : posix;
  const { config, state, cache } = directories(place);
  const stateDir = join(state, 'codexd', profile);
  const codexHome = place.env.CODEX_HOME || join(place.homedir, '.codex');
  return {
    configFile: configFile ?? join(config, 'codexd', 'config.toml'),
    profileConfigFile:
      profile === defaultProfile ? undefined : join(config, 'codexd', `${profile}.config.toml`),
    stateDir,
    authFile: join(stateDir, 'auth.json'),
    cacheDir: join(cache, 'codexd', profile),
    codexHome,
    codexConfigFile: join(codexHome, 'config.toml'),
    codexAuthFile: join(codexHome, 'auth.json'),
  };
}

function directories({ env, platform, homedir }: Place): { config: string; state: string; cache: string } {
  if (platform === 'win32') {
    const roaming = env.APPDATA || win32.join(homedir, 'AppData', 'Roaming');
    const local = env.LOCALAPPDATA || win32.join(homedir, 'AppData', 'Local');
    return { config: roaming, state: local, cache: win32.join(local, 'Temp') };
  }
  // The XDG specification: a relative path in one of these variables is to be ignored.
  const absolute = (value: string | undefined, otherwise: string) =>
    value?.startsWith('/') ? value : posix.join(homedir, otherwise);
  return {
    config: absolute(env.XDG_CONFIG_HOME, '.config'),
    state: absolute(env.XDG_STATE_HOME, '.local/state'),
    cache: absolute(env.XDG_CACHE_HOME, '.cache'),
  };
}
