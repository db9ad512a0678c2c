// How the daemon stops, and where it listens (docs/bun.md#serve).
import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/failure.ts';
import { until } from '../support/until.ts';
import {
  Body,
  completed,
  created,
  noResponse,
  type ScriptedResponse,
  text,
  turnOf,
} from '../upstream/support.ts';
import {
  chat,
  chatPath,
  connectRaw,
  dataOf,
  httpRequest,
  responses,
  responsesPath,
  testDaemon,
} from './support.ts';

/** An upstream that has sent one word and sends the rest on request. */
function speaking() {
  const bodies: Body[] = [];
  const answer: ScriptedResponse = ({ signal }) => {
    const body = new Body(signal).push(created, text('word'));
    bodies.push(body);
    return new Response(body.stream);
  };
  return { bodies, answer };
}

describe('stopping', () => {
  test('nothing to wait for: at once', async () => {
    const daemon = testDaemon();
    await daemon.fetch('/health');
    await daemon.daemon.stop(30_000);
    await expect(daemon.fetch('/health')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a running stream finishes within the grace time; nobody new is let in', async () => {
    const { bodies, answer } = speaking();
    const daemon = testDaemon([answer]);
    const streaming = await daemon.post(chatPath, chat({ stream: true }));
    const stopped = daemon.daemon.stop(30_000);
    await expect(daemon.fetch('/health')).rejects.toThrow();
    bodies[0]?.push(text('last'), completed).end();
    const received = await streaming.text();
    expect(received).toContain('last');
    expect(received).toEndWith('data: [DONE]\n\n');
    await stopped;
    expect(daemon.lines()).toHaveLength(1);
    expect(daemon.daemon.running).toBe(0);
  });

  test('what runs longer is told in-band, in every dialect; what has not begun gets a 503; what waits too', async () => {
    const { bodies, answer } = speaking();
    const daemon = testDaemon([answer, answer, answer, noResponse], { queue: { concurrency: 4 } });
    const streams = [
      await daemon.post(chatPath, chat({ stream: true })),
      await daemon.post(responsesPath, responses({ stream: true })),
    ];
    const unanswered = [daemon.post(chatPath, chat()), daemon.post(chatPath, chat({ stream: true }))];
    await until(() => daemon.world.sent.length >= 4);
    const queued = daemon.post(chatPath, chat());
    await until(() => daemon.daemon.running >= 5);

    const stopped = daemon.daemon.stop(5);
    for (const [index, stream] of streams.entries()) {
      const received = await stream.text();
      expect(received).toContain('word');
      expect(JSON.stringify(dataOf(received).at(-1))).toContain('codexd is shutting down.');
      expect(bodies[index]?.gone).toBeDefined();
    }
    for (const answer of await Promise.all([...unanswered, queued])) {
      expect(answer.status).toBe(503);
      expect(await answer.json()).toMatchObject({ error: { code: 'shutting_down' } });
    }
    await stopped;
    expect(daemon.world.sent).toHaveLength(4);
    expect(daemon.lines()).toHaveLength(5);
    expect(daemon.lines().every(({ code }) => code === 'shutting_down')).toBe(true);
    expect([daemon.queue.running, daemon.daemon.running, daemon.world.ticker.listeners.size]).toEqual([
      0, 0, 0,
    ]);
  });

  test('a client that reads nothing does not hold it up', async () => {
    const { bodies, answer } = speaking();
    const daemon = testDaemon([answer]);
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('POST', chatPath, {}, JSON.stringify(chat({ stream: true }))));
    await client.until(/word/);
    client.pause();
    for (let pieces = 0; pieces < 20; pieces++) {
      bodies[0]?.push(text('x'.repeat(500_000)));
      await Bun.sleep(1);
    }
    await daemon.daemon.stop(0);
    expect(daemon.queue.running).toBe(0);
    expect(await daemon.accessLines()).toEqual([expect.objectContaining({ code: 'shutting_down' })]);
    client.leave();
  });

  test('a request that never gets to its end does not hold it up', async () => {
    const daemon = testDaemon();
    const client = await connectRaw(daemon.url);
    client.write(httpRequest('POST', chatPath, { 'content-length': '1000' }, '{"model":'));
    await until(() => daemon.daemon.running > 0);
    await daemon.daemon.stop(5);
    client.leave();
  });

  test('twice is as good as once', async () => {
    const { answer } = speaking();
    const daemon = testDaemon([answer]);
    const streaming = await daemon.post(chatPath, chat({ stream: true }));
    const first = daemon.daemon.stop(30_000);
    await daemon.daemon.stop(0);
    await first;
    expect(await streaming.text()).toContain('codexd is shutting down.');
  });
});

describe('listening', () => {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-listen-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('an address that is taken is told as such, and nothing is left half open', async () => {
    await using first = testDaemon();
    const { port } = new URL(first.url);
    const start = () => testDaemon([], { listen: ['127.0.0.1:0', `127.0.0.1:${port}`] });
    expect(start).toThrow(Failure);
    expect(start).toThrow(`Cannot listen on 127.0.0.1:${port}: it is in use.`);
  });

  test('several addresses, IPv6 among them', async () => {
    await using daemon = testDaemon([], { listen: ['127.0.0.1:0', '[::1]:0'] });
    const { addresses } = daemon.daemon;
    expect(addresses).toHaveLength(2);
    expect(addresses[1]).toMatch(/^http:\/\/\[::1\]:\d+$/);
    for (const address of addresses)
      expect((await fetch(`${address}/health`, { proxy: false } as never)).status).toBe(200);
  });

  test('a unix socket: its owner’s alone whatever the umask, gone after the stop', async () => {
    const path = join(folder, 's');
    const umask = process.umask(0);
    const daemon = testDaemon([turnOf('plain-text')], { listen: [`unix:${path}`] });
    process.umask(umask);
    expect(daemon.daemon.addresses).toEqual([`unix:${path}`]);
    expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
    const answer = await fetch(`http://localhost${chatPath}`, {
      unix: path,
      method: 'POST',
      body: JSON.stringify(chat()),
    });
    expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
    await daemon.daemon.stop(0);
    expect(() => statSync(path)).toThrow();
  });

  test('a file where the socket should be is refused and kept', async () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'precious');
    expect(() => testDaemon([], { listen: [`unix:${path}`] })).toThrow(`Cannot listen on unix:${path}`);
    expect(await Bun.file(path).text()).toBe('precious');
  });
});
