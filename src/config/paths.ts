// Paths of files and directories: XDG directories or %APPDATA%, one directory per profile, and the Codex CLI's home.
import { posix, win32 } from 'node:path';
import { Failure } from '../failure.ts';
import type { Env } from './env.ts';

export interface Paths {
  /** codexd's settings; they apply to every profile. */
  configFile: string;
  /** Settings of the profile, on top of `configFile`; undefined for the default profile. */
  profileConfigFile: string | undefined;
  /** The profile's state, such as its login. */
  stateDir: string;
  /** codexd's own login. */
  authFile: string;
  /** The profile's cache, which may be deleted at any time; undefined caches in memory only. */
  cacheDir: string | undefined;
  codexHome: string;
  codexConfigFile: string;
  codexAuthFile: string;
}

/** What the paths depend on. */
export interface PathContext {
  env: Env;
  platform: string;
  homedir: string;
}

export const defaultProfile = 'default';

export function resolvePaths(context: PathContext, profile: string, configFile?: string): Paths {
  if (!/^[a-z0-9][a-z0-9_-]{0,63}$/i.test(profile)) {
    throw new Failure('invalid_request', `"${profile}" is not a valid profile name.`, {
      code: 'invalid_profile',
      param: 'profile',
      advice: 'Use letters, digits, "-" and "_".',
    });
  }
  const { join } = context.platform === 'win32' ? win32 : posix;
  const { config, state, cache } = directories(context);
  const stateDir = join(state, 'codexd', profile);
  const codexHome = context.env.CODEX_HOME || join(context.homedir, '.codex');
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

function directories({ env, platform, homedir }: PathContext): {
  config: string;
  state: string;
  cache: string;
} {
  if (platform === 'win32') {
    const roaming = env.APPDATA || win32.join(homedir, 'AppData', 'Roaming');
    const local = env.LOCALAPPDATA || win32.join(homedir, 'AppData', 'Local');
    return { config: roaming, state: local, cache: win32.join(local, 'Temp') };
  }
  // The XDG Base Directory specification says to ignore relative paths in these variables.
  const absolute = (value: string | undefined, otherwise: string) =>
    value?.startsWith('/') ? value : posix.join(homedir, otherwise);
  return {
    config: absolute(env.XDG_CONFIG_HOME, '.config'),
    state: absolute(env.XDG_STATE_HOME, '.local/state'),
    cache: absolute(env.XDG_CACHE_HOME, '.cache'),
  };
}
