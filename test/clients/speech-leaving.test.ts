// A client that disconnects at any moment leaves nothing behind: no temporary file, process, upload or occupied slot. The same holds
// for a daemon that is stopped or killed.
import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { startCodexd } from '../cli/process.ts';
import { until } from '../support/until.ts';
import { type DaemonOptions, startDaemon, thrownBy, useWorld } from './daemon.ts';
import {
  endlessWhisper,
  fileWith,
  formOf,
  homeWithTmp,
  isEmpty,
  isGone,
  isUpload,
  post,
  recordingsSent,
  running,
  type StandIn,
  spoken,
  spokenText,
  transcriptions,
} from './speech-support.ts';

const place = homeWithTmp();
const world = useWorld({
  home: place.home,
  env: { ...place.env, CODEXD_TRANSCRIPTION_CONCURRENCY: '1' },
});
const stalled = { for: 'transcribe', fault: 'stall' } as const;
const isAborted = (sent: { path: string; method: string; abortedAtMs?: number }) =>
  isUpload(sent) && sent.abortedAtMs !== undefined;

/** A request that can be disconnected. */
function leavable(daemon: { url: string }, fields: Record<string, string> = {}) {
  const leaving = new AbortController();
  const pending = thrownBy(post(daemon, formOf(spoken, fields), { signal: leaving.signal }));
  return {
    async leave() {
      leaving.abort();
      expect(await pending).toMatchObject({ name: 'AbortError' });
    },
    pending,
  };
}

/** Nothing is left, and the only slot is free: the next request succeeds. */
async function checkClean(): Promise<void> {
  await until(() => isEmpty(place.tmp));
  const answer = await post(world.daemon, formOf(spoken));
  expect(((await answer.json()) as { text: string }).text).toBe(spokenText);
  await until(() => isEmpty(place.tmp));
}

describe('a client that leaves', () => {
  test('in mid upload', async () => {
    const sending = request(world.daemon.url + transcriptions, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      agent: false,
    });
    sending.on('error', () => {});
    sending.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n');
    sending.write(spoken.subarray(0, 20_000));
    const recordings = () =>
      readdirSync(place.tmp).flatMap((name) => readdirSync(join(place.tmp, name)).map(() => name));
    await until(() => recordings().length === 1);
    sending.destroy();
    await checkClean();
    expect(recordingsSent(world.simulator)).toHaveLength(1);
  });

  test('while it waits for its turn: nothing of it is sent', async () => {
    world.simulator.script(stalled);
    const first = leavable(world.daemon);
    await world.simulator.waitFor(isUpload);
    const second = leavable(world.daemon);
    await running(world.daemon, 2);
    await until(() => readdirSync(place.tmp).length >= 2);
    await second.leave();
    await running(world.daemon, 1);
    await first.leave();
    await world.simulator.waitFor(isAborted);
    await checkClean();
    expect(recordingsSent(world.simulator)).toHaveLength(2);
  });

  test('while ChatGPT is at work: the upload is taken back', async () => {
    world.simulator.script(stalled);
    const pending = leavable(world.daemon);
    await world.simulator.waitFor(isUpload);
    await pending.leave();
    await world.simulator.waitFor(isAborted);
    await checkClean();
  });

  test('while its answer is streamed', async () => {
    world.simulator.script(stalled);
    const pending = leavable(world.daemon, { stream: 'true' });
    await world.simulator.waitFor(isUpload);
    await pending.leave();
    await world.simulator.waitFor(isAborted);
    await checkClean();
  });

  test('between two attempts: there is no other one', async () => {
    world.simulator.script({ for: 'transcribe', status: 503, body: 'busy', retryAfter: 1 });
    const pending = leavable(world.daemon);
    await world.simulator.waitFor(({ answered }) => answered === 503);
    await pending.leave();
    await running(world.daemon, 0);
    await checkClean();
    expect(recordingsSent(world.simulator)).toHaveLength(2);
  });
});

describe.skipIf(process.platform === 'win32')('a local engine that never ends', () => {
  const withEngine = (whisper: StandIn) => {
    const own = homeWithTmp();
    return { ...own, env: { ...own.env, ...whisper.env, CODEXD_TRANSCRIPTION_CONCURRENCY: '1' } };
  };
  const patienceMs = 60_000;

  test(
    'ends with its client, helper and all, and its place is free',
    async () => {
      const whisper = endlessWhisper();
      const { home, tmp, env } = withEngine(whisper);
      await using daemon = await startDaemon({ simulator: world.simulator, home, env });
      const pending = leavable(daemon, { model: 'whisper-cpp:tiny' });
      const pids = await whisper.pids();
      expect(pids.map(isGone)).toEqual([false, false]);
      await pending.leave();
      await until(() => pids.every(isGone));
      await until(() => isEmpty(tmp));
      expect((await post(daemon, formOf(spoken))).status).toBe(200);
      expect(await daemon.stop()).toBe(0);
    },
    patienceMs,
  );

  test(
    'an ffmpeg that never ends does so, too',
    async () => {
      const whisper = endlessWhisper();
      const own = homeWithTmp();
      const env = { ...own.env, CODEXD_TRANSCRIPTION_FFMPEG: join(whisper.bin, 'whisper-cli') };
      await using daemon = await startDaemon({
        simulator: world.simulator,
        home: own.home,
        env: { ...env, CODEXD_SERVER_SHUTDOWN_GRACE_SECONDS: '0' },
      });
      for (const end of ['leave', 'stop']) {
        const leaving = new AbortController();
        const amr = formOf(`#!AMR\n${'\x3c'.padEnd(32, 'a').repeat(50)}`);
        const pending = post(daemon, amr, { signal: leaving.signal }).catch(() => {});
        const pids = await whisper.pids();
        if (end === 'leave') leaving.abort();
        else expect(await daemon.stop()).toBe(0);
        await until(() => pids.every(isGone));
        await until(() => isEmpty(own.tmp));
        await pending;
        whisper.forget();
      }
    },
    patienceMs,
  );

  test(
    'ends with its time',
    async () => {
      const whisper = endlessWhisper();
      const { home, tmp, env } = withEngine(whisper);
      const limits = { CODEXD_TRANSCRIPTION_ENGINE_TIMEOUT_SECONDS: '1' };
      await using daemon = await startDaemon({
        simulator: world.simulator,
        home,
        env: { ...env, ...limits },
      });
      const answer = await post(daemon, formOf(spoken, { model: 'tiny' }));
      const { error } = (await answer.json()) as { error: { code: string } };
      expect([answer.status, error.code]).toEqual([504, 'engine_timeout']);
      expect((await whisper.pids()).map(isGone)).toEqual([true, true]);
      await until(() => isEmpty(tmp));
    },
    patienceMs,
  );

  test(
    'ends with a daemon that is stopped',
    async () => {
      const whisper = endlessWhisper();
      const { home, tmp, env } = withEngine(whisper);
      await using daemon = await startDaemon({
        simulator: world.simulator,
        home,
        env: { ...env, CODEXD_SERVER_SHUTDOWN_GRACE_SECONDS: '0' },
      });
      const pending = post(daemon, formOf(spoken, { model: 'tiny' })).then(
        ({ status }) => status,
        () => undefined,
      );
      const pids = await whisper.pids();
      expect(await daemon.stop()).toBe(0);
      expect([undefined, 499, 503]).toContain(await pending);
      await until(() => pids.every(isGone));
      expect(isEmpty(tmp)).toBe(true);
    },
    patienceMs,
  );

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    'ends with a command that gets %s, with status %i',
    async (signal, status) => {
      const whisper = endlessWhisper();
      const { tmp, env } = withEngine(whisper);
      const command = startCodexd(['transcribe', '--model', 'whisper-cpp:tiny', fileWith(spoken)], { env });
      const pids = await whisper.pids();
      command.kill(signal);
      expect(await command.exited).toBe(status);
      expect(pids.map(isGone)).toEqual([true, true]);
      expect(isEmpty(tmp)).toBe(true);
      expect(command.out()).toBe('');
      expect(command.err()).toContain('Interrupted.');
    },
    patienceMs,
  );
});

describe.skipIf(process.platform === 'win32')('a command whose user is impatient', () => {
  test('ends at once at the second Ctrl-C, and leaves nothing either', async () => {
    const whisper = endlessWhisper();
    const { tmp, env } = homeWithTmp();
    const command = startCodexd(['transcribe', '--model', 'whisper-cpp:tiny', fileWith(spoken)], {
      env: { ...env, ...whisper.env },
    });
    const pids = await whisper.pids();
    command.kill('SIGINT');
    // The server has noticed the disconnect when the engine is asked to stop.
    await whisper.chatParams();
    command.kill('SIGINT');
    expect(await command.exited).toBe(130);
    expect(isEmpty(tmp)).toBe(true);
    await until(() => pids.every(isGone));
  });

  test('or is killed leaves files, which the next call sweeps', async () => {
    world.simulator.script(stalled);
    const { tmp, env } = homeWithTmp();
    const login = ['--upstream', world.simulator.upstream, '--bearer', world.simulator.login().access_token];
    const command = startCodexd(['transcribe', ...login, fileWith(spoken)], { env });
    await world.simulator.waitFor(isUpload);
    command.kill('SIGKILL');
    await command.exited;
    expect(isEmpty(tmp)).toBe(false);
    const again = startCodexd(['transcribe', ...login, fileWith(spoken)], { env });
    expect(await again.exited).toBe(0);
    expect(isEmpty(tmp)).toBe(true);
  });
});

describe('a command that is interrupted while ChatGPT is at work', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s', async (signal, status) => {
    world.simulator.script(stalled);
    const { tmp, env } = homeWithTmp();
    const login = ['--upstream', world.simulator.upstream, '--bearer', world.simulator.login().access_token];
    const path = fileWith(spoken);
    const command = startCodexd(['transcribe', ...login, path], { env });
    await world.simulator.waitFor(isUpload);
    command.kill(signal);
    expect(await command.exited).toBe(status);
    await world.simulator.waitFor(isAborted);
    expect(isEmpty(tmp)).toBe(true);
    expect(await Bun.file(path).exists()).toBe(true);
  });

  test('what came out of a pipe is kept, and said where', async () => {
    world.simulator.script(stalled);
    const { tmp, env } = homeWithTmp();
    const login = ['--upstream', world.simulator.upstream, '--bearer', world.simulator.login().access_token];
    const stdin = `data:audio/wav;base64,${spoken.toString('base64')}`;
    const command = startCodexd(['transcribe', ...login, '-'], { env, stdin });
    await world.simulator.waitFor(isUpload);
    command.kill('SIGINT');
    expect(await command.exited).toBe(130);
    const [directory, ...more] = readdirSync(tmp);
    expect(more).toEqual([]);
    expect(command.err()).toContain(join(tmp, directory!, 'recording'));
  });
});

describe('a daemon', () => {
  const started = (more: DaemonOptions = {}) => {
    const own = homeWithTmp();
    return {
      ...own,
      options: { simulator: world.simulator, home: own.home, ...more, env: { ...own.env, ...more.env } },
    };
  };

  test('that is stopped waits for what is under way', async () => {
    const { tmp, options } = started();
    await using daemon = await startDaemon(options);
    world.simulator.script({ for: 'transcribe', delayMs: 500 });
    const pending = post(daemon, formOf(spoken)).then((answer) => answer.json());
    await world.simulator.waitFor(isUpload);
    const exit = daemon.stop();
    expect(await pending).toMatchObject({ text: spokenText });
    expect(await exit).toBe(0);
    expect(isEmpty(tmp)).toBe(true);
  });

  test('whose patience is over ends it, and leaves nothing', async () => {
    const { tmp, options } = started({ env: { CODEXD_SERVER_SHUTDOWN_GRACE_SECONDS: '0' } });
    await using daemon = await startDaemon(options);
    world.simulator.script(stalled);
    const pending = post(daemon, formOf(spoken)).then(
      ({ status }) => status,
      () => undefined,
    );
    await world.simulator.waitFor(isUpload);
    expect(await daemon.stop()).toBe(0);
    await world.simulator.waitFor(isAborted);
    expect([undefined, 499, 503]).toContain(await pending);
    expect(isEmpty(tmp)).toBe(true);
  });

  test('that is killed leaves files, which the next one sweeps and no other', async () => {
    const { tmp, options } = started();
    const killed = await startDaemon(options);
    world.simulator.script({ ...stalled, repeat: 2 });
    const pending = thrownBy(post(killed, formOf(spoken)));
    await world.simulator.waitFor(isUpload);
    killed.kill('SIGKILL');
    await killed.exited;
    await pending;
    const left = readdirSync(tmp);
    expect(left.length).toBeGreaterThan(0);

    await using neighbour = await startDaemon(options);
    expect(isEmpty(tmp)).toBe(true);
    const waiting = leavable(neighbour);
    await until(() => recordingsSent(world.simulator).length === 2);
    const used = readdirSync(tmp);
    await using _ = await startDaemon(options);
    expect(readdirSync(tmp)).toEqual(used);
    await waiting.leave();
    await until(() => isEmpty(tmp));
  });
});
