import { expect, test } from 'bun:test';
import { childEnvironment } from '../../src/system/child-environment.ts';

const secrets = {
  OPENAI_API_KEY: 'x',
  ANTHROPIC_AUTH_TOKEN: 'x',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_SESSION_TOKEN: 'x',
  GITHUB_TOKEN: 'x',
  HF_TOKEN: 'x',
  HF_HUB_TOKEN: 'x',
  NVIDIA_API_KEY: 'x',
  PYTHON_KEYRING_PASSWORD: 'x',
  XDG_SECRET: 'x',
  CODEXD_BEARER: 'x',
  CODEXD_API_KEY: 'x',
  OPENAI_CODEX_AUTH: 'x',
  DATABASE_URL: 'postgres://me:x@db',
  BUN_OPTIONS: '--preload=x',
  NODE_TLS_REJECT_UNAUTHORIZED: '0',
};

test('no credentials reach a child', () => {
  for (const surroundings of [
    [],
    ['network'],
    ['speech'],
    ['desktop'],
    ['network', 'speech', 'desktop'],
  ] as const) {
    expect(childEnvironment(secrets, surroundings)).toEqual({});
  }
});

test('what programs need reaches them', () => {
  const system = {
    PATH: '/bin',
    HOME: '/home/me',
    LC_ALL: 'C',
    TMPDIR: '/tmp',
    Path: 'C:\\',
    SystemRoot: 'C:\\',
  };
  const network = { https_proxy: 'http://p', NO_PROXY: '*', SSL_CERT_FILE: '/ca' };
  const speech = {
    CUDA_VISIBLE_DEVICES: '0',
    OMP_NUM_THREADS: '2',
    PYTHONPATH: '/x',
    HF_HOME: '/hf',
    TOKENIZERS_PARALLELISM: 'false',
    VIRTUAL_ENV: '/v',
  };
  const desktop = {
    DISPLAY: ':0',
    WAYLAND_DISPLAY: 'w',
    XAUTHORITY: '/x',
    DBUS_SESSION_BUS_ADDRESS: 'unix:',
    MOZ_ENABLE_WAYLAND: '1',
  };
  const env = { ...system, ...network, ...speech, ...desktop, ...secrets };
  expect(childEnvironment(env)).toEqual(system);
  expect(childEnvironment(env, ['network'])).toEqual({ ...system, ...network });
  expect(childEnvironment(env, ['speech'])).toEqual({ ...system, ...speech });
  expect(childEnvironment(env, ['desktop'])).toEqual({ ...system, ...desktop });
});

test('an explicitly named variable reaches a child, even if it looks like a secret', () => {
  expect(childEnvironment(secrets, [], ['HF_TOKEN'])).toEqual({ HF_TOKEN: 'x' });
});
