// `log.file`: the daemon logs to a file that rotates, and reopens it on a signal.
import { describe, expect, test } from 'bun:test';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { startDaemon } from '../clients/daemon.ts';
import { until } from '../support/until.ts';

const chat = (url: string, text = 'Hi.') =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: text }] }),
  });

describe.skipIf(process.platform === 'win32')('log.file', () => {
  test('gets every line with its date; stderr only says where the daemon listens', async () => {
    const home = emptyHome();
    await using daemon = await startDaemon({ args: ['--demo', '--log-file', '~/logs/codexd.log'], home });
    await chat(daemon.url, 'marked-prompt');
    const path = join(home, 'logs/codexd.log');
    await until(() => readFileSync(path, 'utf8').includes('chat'));
    expect(readFileSync(path, 'utf8')).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d .*200/m);
    expect(readFileSync(path, 'utf8')).not.toContain('marked-prompt');
    expect(daemon.stderr()).toBe(`listening on ${daemon.url}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await daemon.stop()).toBe(0);
  });

  test.each(['SIGUSR1', 'SIGHUP'] as const)('%s reopens it', async (signal) => {
    const home = emptyHome();
    const path = join(home, 'codexd.log');
    await using daemon = await startDaemon({ args: ['--demo', '--log-file', path], home });
    await chat(daemon.url);
    await until(() => readFileSync(path, 'utf8').includes('chat'));
    renameSync(path, `${path}.old`);
    daemon.kill(signal);
    await until(() => existsSync(path));
    await chat(daemon.url);
    await until(() => readFileSync(path, 'utf8').includes('chat'));
    expect(await daemon.stop()).toBe(0);
    expect(readFileSync(path, 'utf8')).toContain('stopping');
    expect(readFileSync(`${path}.old`, 'utf8')).not.toContain('stopping');
  });

  test('rotates', async () => {
    const home = emptyHome();
    const env = { CODEXD_LOG_MAX_MB: '0.001', CODEXD_LOG_FILES: '2' };
    const path = join(home, 'logs/codexd.log');
    await using daemon = await startDaemon({ args: ['--demo', '--log-file', path], home, env });
    for (let at = 0; at < 30; at++) await (await chat(daemon.url)).text();
    await until(() => readdirSync(join(path, '..')).length === 2);
    expect(readdirSync(join(path, '..')).sort()).toEqual(['codexd.log', 'codexd.log.1']);
    for (const name of ['codexd.log', 'codexd.log.1'])
      expect(statSync(join(path, '..', name)).size).toBeLessThanOrEqual(1100);
  });

  test('one that cannot be opened stops the start, with the reason', async () => {
    const home = emptyHome();
    mkdirSync(join(home, 'log'));
    const { err, exitCode } = await runCodexd(['serve', '--demo', '--log-file', join(home, 'log')], { home });
    expect(err).toContain(`Cannot open the log file ${home}/log: it is a directory.`);
    expect(exitCode).toBe(1);
  });

  test('another file in the settings is used after a restart, and the log says so', async () => {
    const home = emptyHome();
    const config = join(home, 'config.toml');
    writeFileSync(config, `[log]\nfile = "${home}/a.log"\n`);
    await using daemon = await startDaemon({ args: ['--demo', '--config', config], home });
    writeFileSync(config, `[log]\nfile = "${home}/b.log"\n`);
    daemon.kill('SIGHUP');
    await until(() => readFileSync(join(home, 'a.log'), 'utf8').includes('configuration reloaded'));
    expect(readFileSync(join(home, 'a.log'), 'utf8')).toContain('take effect after a restart');
    expect(existsSync(join(home, 'b.log'))).toBe(false);
  });
});
