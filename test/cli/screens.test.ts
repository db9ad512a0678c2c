// What users see: the real program on terminals of 80 and 40 columns. UPDATE=1 rewrites the files in screens/.
import { afterAll, describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { Ledger } from '../../src/ledger/ledger.ts';
import { silentLog } from '../../src/log.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { callRecord } from '../ledger/support.ts';
import { emptyHome } from './process.ts';
import { render, type ScreenOptions, screenOf } from './screen.ts';

const simulator = startSimulator();
afterAll(() => simulator.stop());

const env = () => ({ CODEXD_UPSTREAM: simulator.upstream, CODEXD_BEARER: simulator.login().access_token });

interface Screen {
  argv: string[];
  options?: () => Omit<ScreenOptions, 'columns'>;
  exitCode?: number;
}

const screens: Record<string, Screen> = {
  help: { argv: ['--help'] },
  'help-status': { argv: ['status', '--help'] },
  'help-ask': { argv: ['ask', '--help'] },
  status: { argv: ['status', '--port', '1'], options: () => ({ env: env() }) },
  'status-no-login': { argv: ['status', '--port', '1'], exitCode: 3 },
  'status-watch': {
    argv: ['status', '--watch', '--port', '1'],
    options: () => ({ env: env(), interruptAt: /Daemon/ }),
    exitCode: 130,
  },
  doctor: {
    argv: ['doctor', '--port', '0'],
    options: () => ({ env: { ...env(), ...doctorEnv(), CODEXD_ISSUER: simulator.issuer } }),
  },
  'doctor-problems': {
    argv: ['doctor', '--listen', '0.0.0.0:0', '--upstream', 'http://127.0.0.1:1'],
    options: () => ({
      env: {
        ...doctorEnv(),
        CODEXD_ISSUER: simulator.issuer,
        CODEXD_TRANSCRIPTION_FFMPEG: '/nowhere/ffmpeg',
        CODEXD_TRANSCRIPTION_ENGINE: 'pocketsphinx',
      },
    }),
    exitCode: 3,
  },
  ask: {
    argv: ['ask', 'Say hello.'],
    options: () => {
      simulator.script({ text: 'Hello there.' });
      return { env: env() };
    },
  },
  'ask-used-up': {
    argv: ['ask', 'Say hello.'],
    options: () => {
      simulator.script({ refusal: 'usage_limit_reached' });
      return { env: { ...env(), TZ: earlyMorningZone() } };
    },
    exitCode: 6,
  },
  'ask-unquoted': { argv: ['ask', 'two', 'words'], exitCode: 2 },
  // PATH is empty, so that every machine has the same engines.
  'models-engines': { argv: ['models', '--engines'], options: () => ({ env: { PATH: emptyHome() } }) },
  'usage-day': { argv: ['usage'], options: () => ({ env: { XDG_STATE_HOME: usedState() } }) },
  'usage-model': {
    argv: ['usage', '--by', 'model'],
    options: () => ({ env: { XDG_STATE_HOME: usedState() } }),
  },
  'usage-cache': {
    argv: ['usage', '--cache'],
    options: () => ({ env: { XDG_STATE_HOME: usedState() } }),
  },
  'usage-none': { argv: ['usage'] },
  serve: {
    argv: ['serve', '--demo', '--listen', '127.0.0.1:0'],
    options: () => ({
      when: { at: /listening on \S+\n/, act: chatOnce },
      interruptAt: /chat {2}/,
    }),
  },
};

/** A state directory with a ledger of three days. */
function usedState(): string {
  const state = emptyHome();
  let now = Date.now() - 3 * 86_400_000;
  const ledger = new Ledger({
    ...{ path: join(state, 'codexd/default/ledger.sqlite'), retentionDays: 400, log: silentLog },
    nowMs: () => now,
    uptimeMs: () => 0,
  });
  const turn = (modelUsed: string, input_tokens: number, cached_tokens: number) =>
    ledger.observe(
      callRecord({
        modelUsed,
        usage: {
          ...{ input_tokens, output_tokens: 12_345, total_tokens: input_tokens + 12_345 },
          input_tokens_details: { cached_tokens },
        },
      }),
    );
  for (let turns = 0; turns < 40; turns++) turn('gpt-6.2-sol', 250_000, 230_000);
  now = Date.now() - 86_400_000;
  for (let turns = 0; turns < 7; turns++) turn('gpt-6-luna', 90_000, 1000);
  ledger.observe(callRecord({ modelUsed: 'chatgpt:asr', usage: undefined, audioSeconds: 4000 }));
  now = Date.now();
  ledger.observe(callRecord({ usage: undefined, failure: { kind: 'timeout', code: undefined } }));
  const loss = { lostTokens: 180_000, idleMs: 90_000 };
  const conversation = (id: string, inputTokens: number, cachedTokens: number, more: object = {}) =>
    ledger.noteTurn({
      ...{ atMs: now, conversation: id, inputTokens, cachedTokens, loss: undefined },
      names: { model: 'gpt-6.2-sol', key: 'anonymous', client: 'claude-cli' },
      ...more,
    });
  conversation('1f0c2a9e', 250_000, 230_000);
  const difference = { part: 'instructions', offset: 3072, lengthBefore: 14_210, lengthAfter: 14_212 };
  conversation('1f0c2a9e', 190_000, 2048, { loss: { ...loss, difference } });
  conversation('77b01c44', 190_000, 0, { loss: { ...loss, idleMs: 7_300_000, difference: undefined } });
  ledger.close();
  return state;
}

/** Without programs and files that differ between machines. */
function doctorEnv() {
  return { PATH: emptyHome(), XDG_CONFIG_HOME: '/nowhere' };
}

/** A time zone in which it is between 1 and 2 o'clock, so that a limit that resets in ten hours resets today. */
function earlyMorningZone(): string {
  const hoursBehind = (new Date().getUTCHours() + 23) % 24;
  return `Etc/GMT${hoursBehind > 12 ? hoursBehind - 24 : `+${hoursBehind}`}`;
}

async function chatOnce(screen: string) {
  const [, url] = /listening on (\S+)/.exec(screen)!;
  await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'curl/8.5.0' },
    body: JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi.' }] }),
  });
}

/** Replaces what differs between runs, with the same length if lines depend on it. */
function steady(text: string): string {
  return text
    .replace(/20\d\d-\d\d-\d\d \d\d:\d\d/g, '2026-12-01 12:12')
    .replace(/(?<=[ ])\d\d-\d\d \d\d:\d\d/g, '12-01 12:12')
    .replace(/(?:^|(?<=since ))20\d\d-\d\d-\d\d/gm, '2026-12-01')
    .replace(/(?<!\d)\d\d:\d\d:\d\d(?!\d)/g, '12:03:41')
    .replace(/at \d\d:\d\d \(/g, 'at 12:12 (')
    .replace(/(127\.0\.0\.1:)\d{4,5}/g, '$18787')
    .replace(/ {2,}\d+ms {2}/g, '   72ms  ');
}

describe.each([80, 40])('%d columns', (columns) => {
  test.each(Object.entries(screens))('%s', async (name, { argv, options, exitCode = 0 }) => {
    const ended = await screenOf(argv, { ...options?.(), columns });
    const screen = steady(ended.screen.replaceAll('\x1b[H\x1b[2J', ''));
    const file = Bun.file(join(import.meta.dir, 'screens', `${name}-${columns}.txt`));
    if (process.env.UPDATE) await file.write(screen);
    expect(screen).toBe(await file.text());
    expect(ended.exitCode).toBe(exitCode);
  });

  test.each(Object.keys(screens))(
    '%s: no line is too long, but for a word that must stay whole',
    async (name) => {
      const text = await Bun.file(join(import.meta.dir, 'screens', `${name}-${columns}.txt`)).text();
      const long = text.split('\n').filter((line) => Bun.stringWidth(line) > columns);
      expect(long.filter((line) => line.trim().includes(' '))).toEqual([]);
    },
  );
});

test('text overwritten later is not on the screen', () => {
  expect(render('⠋ Waiting\r         \rHello\r\n')).toBe('Hello\n');
});

test('a spinner is shown while ask waits, and gone before the answer', async () => {
  simulator.script({ text: 'Hello.', delayMs: 900 });
  const { screen, written, exitCode } = await screenOf(['ask', 'Hi.'], { columns: 60, env: env() });
  expect(written).toContain('Waiting for the answer… 0 s');
  expect({ screen, exitCode }).toEqual({ screen: 'Hello.\n', exitCode: 0 });
});

test('in a pipe nothing is wrapped and nothing spins', async () => {
  const { runCodexd } = await import('./process.ts');
  const { out } = await runCodexd(['status', '--help']);
  expect(out).toContain('Settings (also available in config.toml and the environment):\n');
  expect(out.split('\n').some((line) => line.length > 100)).toBe(true);
  simulator.script({ text: 'Hello.', delayMs: 900 });
  expect(await runCodexd(['ask', 'Hi.'], { env: env() })).toEqual({ out: 'Hello.\n', err: '', exitCode: 0 });
});

test('colours on a terminal: the bars of status and the log of the daemon', async () => {
  const colored = { ...env(), NO_COLOR: '' };
  const { written } = await screenOf(['status', '--port', '1'], { columns: 80, env: colored });
  expect(written).toContain('\x1b[32m█');
  const served = await screenOf(['serve', '--demo', '--listen', '127.0.0.1:0'], {
    columns: 80,
    env: { NO_COLOR: '' },
    when: { at: /listening on \S+\n/, act: chatOnce },
    interruptAt: /chat {2}/,
  });
  expect(served.written).toContain('\x1b[32m200\x1b[0m');
});
