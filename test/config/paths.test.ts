import { expect, test } from 'bun:test';
import { type PathContext, resolvePaths } from '../../src/config/paths.ts';

const rows: [string, PathContext, string | undefined, Record<string, string | undefined>][] = [
  [
    'Linux',
    { env: {}, platform: 'linux', homedir: '/home/me' },
    undefined,
    {
      configFile: '/home/me/.config/codexd/config.toml',
      profileConfigFile: undefined,
      authFile: '/home/me/.local/state/codexd/default/auth.json',
      cacheDir: '/home/me/.cache/codexd/default',
      codexAuthFile: '/home/me/.codex/auth.json',
    },
  ],
  [
    'XDG directories and CODEX_HOME',
    {
      env: { XDG_CONFIG_HOME: '/c', XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/k', CODEX_HOME: '/codex' },
      platform: 'linux',
      homedir: '/home/me',
    },
    'work',
    {
      configFile: '/c/codexd/config.toml',
      profileConfigFile: '/c/codexd/work.config.toml',
      authFile: '/s/codexd/work/auth.json',
      cacheDir: '/k/codexd/work',
      codexConfigFile: '/codex/config.toml',
    },
  ],
  [
    'a relative XDG directory is ignored',
    { env: { XDG_CONFIG_HOME: 'c' }, platform: 'linux', homedir: '/home/me' },
    undefined,
    { configFile: '/home/me/.config/codexd/config.toml' },
  ],
  [
    'Windows, where HOME is not set',
    {
      env: { APPDATA: 'C:\\Users\\me\\AppData\\Roaming', LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' },
      platform: 'win32',
      homedir: 'C:\\Users\\me',
    },
    undefined,
    {
      configFile: 'C:\\Users\\me\\AppData\\Roaming\\codexd\\config.toml',
      authFile: 'C:\\Users\\me\\AppData\\Local\\codexd\\default\\auth.json',
      codexHome: 'C:\\Users\\me\\.codex',
    },
  ],
];

test.each(rows)('%s', (_, context, profile, expected) => {
  expect(resolvePaths(context, profile ?? 'default')).toMatchObject(expected);
});

test('--config replaces the file, not the profile', () => {
  const context: PathContext = { env: {}, platform: 'linux', homedir: '/h' };
  expect(resolvePaths(context, 'default', '/x.toml')).toMatchObject({
    configFile: '/x.toml',
    stateDir: '/h/.local/state/codexd/default',
  });
});
