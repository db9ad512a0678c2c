// deploy/compose.public.yml and what belongs to it. Checked by Docker Compose and Caddy themselves if they are installed.
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { unknownVariables } from '../../src/config/env.ts';
import { load } from '../../src/config/load.ts';
import { succeeds } from '../support/install.ts';

const root = join(import.meta.dir, '../..');
const composeFile = join(root, 'deploy/compose.public.yml');
const text = readFileSync(composeFile, 'utf8');
const example = readFileSync(join(root, 'deploy/env.public.example'), 'utf8');

type Env = Record<string, string>;
type Services = Record<'codexd' | 'caddy', Service>;

interface Service {
  environment: Env;
  volumes: string[];
}

/** Replaces `${NAME:-default}`, also nested, as Docker Compose does. */
function interpolate(text: string, env: Env): string {
  const innermost = /\$\{(\w+)(?::-([^${}]*))?\}/g;
  const replaced = text.replace(innermost, (_, name: string, otherwise = '') => env[name] || otherwise);
  return replaced === text ? text : interpolate(replaced, env);
}

function servicesFor(env: Env): Services {
  const { services } = Bun.YAML.parse(interpolate(text, env)) as { services: Services };
  for (const service of Object.values(services)) {
    for (const [name, value] of Object.entries(service.environment)) {
      service.environment[name] = String(value ?? '');
    }
  }
  return services;
}

function settings(environment: Env) {
  const { config, notices } = load({
    env: environment,
    flags: {},
    platform: 'linux',
    homedir: '/var/lib/codexd',
    readFile: () => undefined,
  });
  return { config, notices };
}

/** As in the README of codex-asr, with values that differ from the defaults. */
const codexAsr = {
  CODEX_ASR_DOMAIN: 'asr.example.com',
  CODEX_ASR_AUTH_FILE: '/opt/codex-asr/auth.json',
  CODEX_ASR_SERVER_KEY: 'a-long-random-key-made-for-this-test',
  CODEX_ASR_MAX_UPLOAD_MB: '51',
  CODEX_ASR_REQUEST_TIMEOUT_SECONDS: '301',
};
const codexd = {
  CODEXD_DOMAIN: 'asr.example.com',
  CODEXD_AUTH_FILE: '/opt/codex-asr/auth.json',
  CODEXD_API_KEY: 'a-long-random-key-made-for-this-test',
  CODEXD_SERVER_AUDIO_LIMIT_MB: '51',
  CODEXD_TRANSCRIPTION_REQUEST_TIMEOUT_SECONDS: '301',
};

describe('compose.public.yml', () => {
  test.each([
    ['of codex-asr', codexAsr],
    ['of codexd', codexd],
  ])('with the variables %s', (_, env: Env) => {
    const { codexd, caddy } = servicesFor(env);
    const { config, notices } = settings(codexd.environment);
    expect(config.server).toMatchObject({
      apiKey: 'a-long-random-key-made-for-this-test',
      audioLimitMb: 51,
    });
    expect(config.transcription).toMatchObject({
      requestTimeoutSeconds: 301,
      silkDecoder: '/usr/local/bin/rust-silk',
    });
    expect(notices).toEqual([]);
    expect(codexd.volumes).toContain('/opt/codex-asr/auth.json:/run/codex/auth.json:ro');
    expect(codexd.environment.CODEX_HOME).toBe('/run/codex');
    expect(caddy.environment.CODEXD_DOMAIN).toBe('asr.example.com');
  });

  test('without a login elsewhere and with defaults', () => {
    const { codexd } = servicesFor({ CODEXD_API_KEY: 'x'.repeat(20) });
    expect(codexd.volumes).toContain('/dev/null:/run/codex/auth.json:ro');
    const { config } = settings(codexd.environment);
    const defaults = settings({}).config;
    expect(config.server).toEqual({ ...defaults.server, apiKey: 'x'.repeat(20) });
    expect(config.upstream).toEqual(defaults.upstream);
  });

  test('every variable of codexd exists', () => {
    expect([...unknownVariables(servicesFor({}).codexd.environment)]).toEqual([]);
  });

  test('the example names only variables that the file uses', () => {
    const named = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name!);
    expect(named.length).toBeGreaterThan(4);
    expect(named.filter((name) => !text.includes(`\${${name}:-`))).toEqual([]);
  });

  test('files that it mounts or builds from exist', () => {
    for (const file of ['deploy/Caddyfile', 'Dockerfile', '.dockerignore']) {
      expect(existsSync(join(root, file))).toBe(true);
    }
  });

  const compose = [['docker', 'compose'], ['docker-compose']].find(([program, ...words]) =>
    succeeds([program!, ...words, 'version', '--short']),
  );
  test.skipIf(compose === undefined)(`Docker Compose agrees${compose ? '' : ': not installed'}`, () => {
    for (const env of [codexAsr, codexd] as Env[]) {
      const file = join(mkdtempSync(join(tmpdir(), 'codexd-compose-')), '.env');
      writeFileSync(
        file,
        Object.entries(env)
          .map(([name, value]) => `${name}=${value}\n`)
          .join(''),
      );
      const command = [...compose!, '--env-file', file, '-f', composeFile, 'config', '--format', 'json'];
      const { stdout, stderr, exitCode } = Bun.spawnSync(command, { env: { PATH: process.env.PATH } });
      expect({ exitCode, stderr: stderr.toString() }).toEqual({ exitCode: 0, stderr: '' });
      const resolved = JSON.parse(stdout.toString()) as { services: Record<string, Service> };
      expect(resolved.services.codexd!.environment).toEqual(servicesFor(env).codexd.environment);
      expect(resolved.services.caddy!.environment).toEqual(servicesFor(env).caddy.environment);
    }
  });
});

describe('the image', () => {
  const dockerfile = readFileSync(join(root, 'Dockerfile'), 'utf8');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files]) =>
    files!.split(' '),
  );

  test('sets only variables that exist', () => {
    const env = dockerfile.slice(dockerfile.indexOf('ENV HOME'));
    const variables = Object.fromEntries(
      [...env.matchAll(/^(?:ENV | {2})(CODEXD_\w+)=(\S+)/gm)].map(([, name, value]) => [name!, value!]),
    );
    expect(Object.keys(variables).length).toBeGreaterThan(1);
    expect([...unknownVariables(variables)]).toEqual([]);
    expect(settings(variables).config.server.listen).toEqual(['0.0.0.0:8787']);
  });

  test('is built from files that the ignore list lets through', () => {
    const allowed = readFileSync(join(root, '.dockerignore'), 'utf8').match(/(?<=^!).+$/gm)!;
    expect([...new Set(copied)].sort()).toEqual([...allowed].sort());
    for (const file of copied) expect(existsSync(join(root, file))).toBe(true);
  });

  test('is built from all files that the source imports', () => {
    const imported = [...new Bun.Glob('**/*.ts').scanSync({ cwd: join(root, 'src'), absolute: true })]
      .flatMap((file) =>
        [...readFileSync(file, 'utf8').matchAll(/^import .*from '(\.[^']+)'/gm)].map(([, path]) =>
          relative(root, join(dirname(file), path!)),
        ),
      )
      .filter((path) => !path.startsWith('src/'));
    expect(imported).toContain('deploy/systemd/codexd.service');
    expect(imported.filter((path) => !copied.some((from) => `${path}/`.startsWith(`${from}/`)))).toEqual([]);
  });
});

const noCaddy = Bun.which('caddy') === null;
test.skipIf(noCaddy)(`the Caddyfile is valid and formatted${noCaddy ? ': no caddy' : ''}`, () => {
  const file = join(root, 'deploy/Caddyfile');
  const home = mkdtempSync(join(tmpdir(), 'codexd-caddy-'));
  const env = { PATH: process.env.PATH, HOME: home, CODEXD_DOMAIN: 'codexd.example.com' };
  const validate = Bun.spawnSync(['caddy', 'validate', '--adapter', 'caddyfile', '--config', file], { env });
  expect(validate.stderr.toString()).not.toContain('"level":"warn"');
  expect(validate.exitCode).toBe(0);
  const formatted = Bun.spawnSync(['caddy', 'fmt', file], { env }).stdout.toString();
  expect(readFileSync(file, 'utf8')).toBe(formatted);
});
