// How a daemon stops, and how the next one starts.
import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { APIError } from 'openai';
import { emptyHome } from '../cli/process.ts';
import { chatParams } from '../clients/chat-support.ts';
import { clientOf, isTurn, type RunningDaemon, startDaemon, thrownBy } from '../clients/daemon.ts';
import { useSimulator } from '../support/simulator.ts';

const simulator = useSimulator();

const graceSeconds = (seconds: number) => ({ CODEXD_SERVER_SHUTDOWN_GRACE_SECONDS: String(seconds) });
const endless = { text: 'one two three '.repeat(5000), paceMs: 2 };

/** A stream whose first text has arrived. */
async function begunStream(daemon: RunningDaemon) {
  const stream = await clientOf(daemon).chat.completions.create({ ...chatParams('Count.'), stream: true });
  const chunks = stream[Symbol.asyncIterator]();
  let text = '';
  const read = async () => {
    const { value, done } = await chunks.next();
    if (!done) text += value.choices[0]?.delta.content ?? '';
    return !done;
  };
  while (text === '') await read();
  return {
    /** The whole text, or the error. */
    rest: (async () => {
      while (await read());
      return text;
    })(),
  };
}

/** Whether something still accepts connections there. */
async function accepts(url: string): Promise<boolean> {
  return fetch(`${url}/healthz`, { keepalive: false }).then(
    () => true,
    () => false,
  );
}

describe.each(['SIGTERM', 'SIGINT'] as const)('%s in mid stream', (signal) => {
  test('the running answer finishes, new requests are rejected, exit 0', async () => {
    await using daemon = await startDaemon({ simulator });
    const text = 'one two three four five '.repeat(20);
    simulator.script({ text, paceMs: 5 });
    const { rest } = await begunStream(daemon);
    daemon.kill(signal);
    await daemon.says(new RegExp(`stopping signal=${signal} running=1`));
    expect(await accepts(daemon.url)).toBe(false);
    expect(await rest).toBe(text);
    expect(await daemon.exited).toBe(0);
  });
});

describe('after the grace time', () => {
  test('running answers get an in-band error, upstream connections are closed, exit 0', async () => {
    await using daemon = await startDaemon({ simulator, env: graceSeconds(0.2) });
    simulator.script(endless, endless, { text: 'late', delayMs: 60_000 });
    const { rest } = await begunStream(daemon);
    const cut = thrownBy(rest);
    const responses = await clientOf(daemon).responses.create({ model: 'gpt-5.5', input: 'x', stream: true });
    const whole = thrownBy(clientOf(daemon).chat.completions.create(chatParams('Wait.')));
    await simulator.waitFor(() => simulator.requests.filter(isTurn).length === 3);
    daemon.kill('SIGTERM');
    for (const thrown of [await cut, await thrownBy(Array.fromAsync(responses))]) {
      expect(thrown).toBeInstanceOf(APIError);
      expect(thrown).toMatchObject({ status: undefined, code: 'shutting_down' });
    }
    expect(await whole).toMatchObject({ status: 503, code: 'shutting_down' });
    expect(await daemon.exited).toBe(0);
    expect(simulator.requests.filter(isTurn).every(({ abortedAtMs }) => abortedAtMs !== undefined)).toBe(
      true,
    );
  });

  test('a stalled reader does not keep it running', async () => {
    await using daemon = await startDaemon({ simulator, env: graceSeconds(0.2) });
    simulator.script({ megabytes: 50 });
    const socket = await Bun.connect({
      hostname: '127.0.0.1',
      port: Number(new URL(daemon.url).port),
      socket: { data: (each) => void each.pause() },
    });
    const body = JSON.stringify({ ...chatParams('A lot.'), stream: true });
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await simulator.waitFor(isTurn);
    daemon.kill('SIGTERM');
    expect(await daemon.exited).toBe(0);
    socket.end();
  });

  test.each([
    ['SIGINT', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 0],
    ['SIGINT', 'SIGTERM', 0],
  ] as const)(
    '%s, then %s: nobody waits any longer, clients are told in-band',
    async (first, second, exitCode) => {
      await using daemon = await startDaemon({ simulator });
      simulator.script(endless);
      const { rest } = await begunStream(daemon);
      const cut = thrownBy(rest);
      daemon.kill(first);
      await daemon.says(/stopping/);
      daemon.kill(second);
      expect(await daemon.exited).toBe(exitCode);
      expect(await cut).toBeInstanceOf(APIError);
      expect(await cut).toMatchObject({ code: 'shutting_down' });
    },
  );

  test('a third signal exits without waiting for stalled clients', async () => {
    await using daemon = await startDaemon({ simulator });
    simulator.script(endless);
    const { rest } = await begunStream(daemon);
    const cut = thrownBy(rest);
    daemon.kill('SIGTERM');
    await daemon.says(/stopping/);
    daemon.kill('SIGTERM');
    daemon.kill('SIGTERM');
    daemon.kill('SIGTERM');
    expect([0, 143]).toContain(await daemon.exited);
    expect(await cut).toBeInstanceOf(Error);
  });
});

describe('a unix socket', () => {
  test('the socket of a killed daemon is taken over, a running one is not disturbed', async () => {
    const path = join(emptyHome(), 'codexd.sock');
    const args = ['--listen', `unix:${path}`];
    const ask = async () => (await fetch('http://localhost/healthz', { unix: path })).json();
    await using killed = await startDaemon({ simulator, args });
    expect(killed.url).toBe(`unix:${path}`);
    killed.kill('SIGKILL');
    await killed.exited;
    expect(existsSync(path)).toBe(true);

    await using second = await startDaemon({ simulator, args });
    expect(await ask()).toEqual({ status: 'ok' });
    await expect(startDaemon({ simulator, args })).rejects.toThrow(
      `Another process is already listening on ${path}`,
    );
    expect(await ask()).toEqual({ status: 'ok' });
    expect(await second.stop()).toBe(0);
    expect(existsSync(path)).toBe(false);
  });
});
