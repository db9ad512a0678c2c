// The speech models in memory, as listed by the admin routes of open-asr-server (docs/wire/audio.md#open-asr-server),
// in a real daemon that runs a whisper-server; nothing of it outlives the daemon or a reload.
import { expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, standIn, temporaryDirectory } from '../audio/engines/support.ts';
import { emptyHome, startCodexd } from '../cli/process.ts';
import { wav } from '../simulator/sounds.ts';
import { until } from '../support/until.ts';
import { startDaemon } from './daemon.ts';

const whisperServer = (delayMs: number) => `
import { appendFileSync } from 'node:fs';
import { until } from '../support/until.ts';
appendFileSync(import.meta.dir + '/starts', process.pid + '\\n');
await Bun.sleep(${delayMs});
Bun.serve({
  hostname: '127.0.0.1',
  port: Number(args[0]),
  async fetch(request) {
    if (request.url.endsWith('/health')) return Response.json({ status: 'ok' });
    if ((await request.formData()).get('prompt') === 'wait') {
      await Bun.write(import.meta.dir + '/waiting', 'x');
      await Bun.sleep(1_000_000);
    }
    return Response.json({ text: 'Hello' });
  },
});`;

function machine(more = '', delayMs = 0) {
  const bin = temporaryDirectory();
  standIn(bin, 'whisper-server', whisperServer(delayMs));
  const home = emptyHome();
  const file = join(home, '.config/codexd/config.toml');
  mkdirSync(join(home, '.config/codexd'), { recursive: true });
  const configure = (more: string) =>
    writeFileSync(
      file,
      `[transcription]\nengine = "whisper-server"\n${more}
[[transcription.engines]]
id = "whisper-server"
model = "base"
start = ["${join(bin, 'whisper-server')}", "{port}"]
`,
    );
  configure(more);
  const starts = () =>
    existsSync(join(bin, 'starts'))
      ? readFileSync(join(bin, 'starts'), 'utf8').trim().split('\n').map(Number)
      : [];
  return { bin, home, configure, starts };
}

const recording = wav([[440, 1.2]]);

function clientOf({ url }: { url: string }) {
  const admin = async (path: string, body?: object): Promise<Record<string, unknown>> => {
    const init = body && { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${url}/v1/admin/models/${path}`, init);
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };
  const transcribe = async (prompt = ''): Promise<Record<string, unknown>> => {
    const form = new FormData();
    form.append('file', new File([recording as Uint8Array<ArrayBuffer>], 'a.wav'));
    form.append('prompt', prompt);
    const answer = await fetch(`${url}/v1/audio/transcriptions`, { method: 'POST', body: form });
    return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
  };
  return { admin, transcribe };
}

const id = 'whisper-server:base';

test('a model is in memory from its first job until it is unloaded; a job under way keeps it, unless forced', async () => {
  const { home, bin, starts } = machine();
  await using daemon = await startDaemon({ home });
  const { admin, transcribe } = clientOf(daemon);
  expect(await admin('status')).toEqual({ status: 200, data: [] });
  expect(await transcribe()).toMatchObject({ status: 200, text: 'Hello' });
  expect(await admin('status')).toMatchObject({
    data: [{ ...{ id, backend: 'whisper-server', model: 'base', pinned: false, active_requests: 0 } }],
  });
  expect(await admin('unload', { model: 'base' })).toMatchObject({ unloaded: [id], loaded: [] });
  await until(() => !isAlive(starts()[0]!));

  const waiting = transcribe('wait');
  await until(() => existsSync(join(bin, 'waiting')));
  expect(await admin('status')).toMatchObject({ data: [{ id, active_requests: 1, idle_seconds: 0 }] });
  expect(await admin('unload', { model: id })).toMatchObject({ status: 409 });
  expect(await admin('unload-all', {})).toMatchObject({ unloaded: [], skipped: [id] });
  expect(await admin('unload', { model: id, force: true })).toMatchObject({ unloaded: [id], loaded: [] });
  expect(await waiting).toMatchObject({ status: 503, error: { code: 'shutting_down' } });
  expect(starts()).toHaveLength(2);
  expect(await transcribe()).toMatchObject({ text: 'Hello' });
  expect(await daemon.stop()).toBe(0);
  for (const pid of starts()) await until(() => !isAlive(pid));
}, 60_000);

test('what is preloaded is pinned, also in the engines of a configuration that was read again', async () => {
  const { home, starts, configure } = machine('preload = ["base"]');
  await using daemon = await startDaemon({ home });
  const { admin } = clientOf(daemon);
  expect(starts()).toHaveLength(1);
  expect(await admin('status')).toMatchObject({ data: [{ id, pinned: true }] });
  expect(await admin('unload-all', {})).toMatchObject({ unloaded: [], skipped: [id] });

  configure('preload = ["base"]\nlanguage = "en"');
  daemon.kill('SIGHUP');
  await until(() => starts().length === 2 && !isAlive(starts()[0]!));
  await until(async () => /"active_requests":0/.test(JSON.stringify(await admin('status'))));
  expect(await admin('unload-all', { include_pinned: true })).toMatchObject({ unloaded: [id] });
  await until(() => !isAlive(starts()[1]!));
}, 60_000);

test('a daemon that is told to stop while it still loads a model leaves nothing behind', async () => {
  const { home, starts } = machine('preload = ["base"]', 1_000_000);
  const codexd = startCodexd(['serve', '--listen', '127.0.0.1:0'], { home });
  await until(() => starts().length === 1);
  codexd.kill('SIGTERM');
  expect(await codexd.exited).toBe(143);
  await until(() => !isAlive(starts()[0]!));
}, 60_000);

test('a server that a killed daemon left behind is ended by the next one, and one of a living daemon is not', async () => {
  const { home, starts } = machine('preload = ["base"]');
  await using killed = await startDaemon({ home });
  const [left] = starts();
  killed.kill('SIGKILL');
  await killed.exited;
  expect(isAlive(left!)).toBe(true);

  await using next = await startDaemon({ home });
  await until(() => !isAlive(left!));
  await using beside = await startDaemon({ home });
  const [, second, third] = starts();
  expect([isAlive(second!), isAlive(third!)]).toEqual([true, true]);
  expect([await next.stop(), await beside.stop()]).toEqual([0, 0]);
  expect(readdirSync(join(home, '.local/state/codexd/default/servers'))).toEqual([]);
}, 60_000);

test.each([
  ['SIGTERM', 'SIGTERM', 0],
  ['SIGINT', 'SIGTERM', 0],
  ['SIGTERM', 'SIGINT', 130],
] as const)(
  'after %s a %s ends what runs in order: the client is told, the server ends',
  async (first, second, exitCode) => {
    const { home, bin, starts } = machine();
    await using daemon = await startDaemon({ home });
    const waiting = clientOf(daemon).transcribe('wait');
    await until(() => existsSync(join(bin, 'waiting')));
    daemon.kill(first);
    await daemon.says(/stopping/);
    daemon.kill(second);
    expect(await waiting).toMatchObject({ status: 503, error: { code: 'shutting_down' } });
    expect(await daemon.exited).toBe(exitCode);
    for (const pid of starts()) await until(() => !isAlive(pid));
  },
  60_000,
);
