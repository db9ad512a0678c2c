// Slow and numerous clients (docs/bun.md#serve, #max-requests): memory stays bounded, and all are served.
import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { chatParams } from './chat-support.ts';
import { clientOf, type RunningDaemon, startDaemon, useWorld } from './daemon.ts';

const world = useWorld();
const megabyte = 1_000_000;

/**
 * A streamed response read with `node:http`, which can pause and, unlike `fetch`, has no limit of 256 concurrent
 * requests.
 */
function openStream({ url }: RunningDaemon, path: string, body: object) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    sent: ClientRequest;
    answer: IncomingMessage;
  }>();
  const headers = { 'content-type': 'application/json' };
  const sent = request(`${url}/v1/${path}`, { method: 'POST', headers, agent: false }, (answer) => {
    answer.setEncoding('utf8');
    resolve({ sent, answer });
  });
  sent.on('error', reject);
  sent.end(JSON.stringify({ ...body, stream: true }));
  return promise;
}

/** The text of a chat stream, however it is split. */
class TextOfStream {
  text = '';
  done = false;
  #held = '';

  push(chunk: string): void {
    const lines = (this.#held + chunk).split('\n');
    this.#held = lines.pop()!;
    for (const line of lines) {
      if (line === 'data: [DONE]') this.done = true;
      else if (line.startsWith('data: '))
        this.text += JSON.parse(line.slice(6)).choices[0]?.delta.content ?? '';
    }
  }
}

/** The peak memory of a process. */
function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)![1]) / 1024;
}

describe.skipIf(process.platform !== 'linux')('a reader that stalls', () => {
  test('in answers of 200 MB costs less than 200 MB at any time, and disturbs nobody', async () => {
    await using daemon = await startDaemon({ simulator: world.simulator });
    world.simulator.script({ megabytes: 200, repeat: 2 });
    const stalled = Bun.sleep(3000);
    const streams = await Promise.all([
      openStream(daemon, 'chat/completions', chatParams('A lot, please.')),
      openStream(daemon, 'responses', { model: 'gpt-5.5', input: 'A lot, please.' }),
    ]);
    const read = await Promise.all(streams.map(({ answer }) => readAndStop(answer, 2 * megabyte)));
    for (let prompts = 0; prompts < 5; prompts++) {
      const { choices } = await clientOf(daemon).chat.completions.create(
        chatParams(`Say plover ${prompts}.`),
      );
      expect(choices[0]!.message.content).toContain(`plover ${prompts}`);
    }
    await stalled;
    for (const length of read) expect(length).toBeWithin(2 * megabyte, 20 * megabyte);
    expect(peakMb(daemon.pid)).toBeLessThan(200);
    for (const { sent } of streams) sent.destroy();
    await world.simulator.waitFor(
      () => world.simulator.requests.filter(({ abortedAtMs }) => abortedAtMs !== undefined).length === 2,
    );
  }, 60_000);

  test('and goes on gets everything', async () => {
    world.simulator.script({ megabytes: 2 });
    const { answer } = await openStream(world.daemon, 'chat/completions', chatParams('A lot, please.'));
    const folded = new TextOfStream();
    let pauses = 0;
    answer.on('data', (chunk: string) => {
      folded.push(chunk);
      if (folded.text.length < (pauses + 1) * 0.4 * megabyte) return;
      pauses++;
      answer.pause();
      setTimeout(() => answer.resume(), 200);
    });
    await once(answer, 'end');
    expect(pauses).toBeGreaterThan(3);
    expect(folded.text.length).toBeWithin(2 * megabyte, 2 * megabyte + 20);
    expect(folded.done).toBe(true);
  }, 60_000);
});

test.each([500, 1000])(
  '%d streams at once all complete',
  async (count) => {
    const text = 'one two three four five six seven eight nine ten '.repeat(8);
    world.simulator.script({ text, paceMs: 40, repeat: count });
    const times = { firstMs: 0, lastMs: Number.POSITIVE_INFINITY };
    const follow = async (index: number): Promise<boolean> => {
      const { answer } = await openStream(world.daemon, 'chat/completions', chatParams(`Stream ${index}.`));
      const folded = new TextOfStream();
      answer.once('data', () => {
        times.firstMs = Math.max(times.firstMs, performance.now());
      });
      answer.on('data', (chunk: string) => folded.push(chunk));
      await once(answer, 'end');
      times.lastMs = Math.min(times.lastMs, performance.now());
      return folded.done && folded.text === text;
    };
    const good = await Promise.all(Array.from({ length: count }, (_, index) => follow(index)));
    expect(good.filter(Boolean).length).toBe(count);
    // All had started before the first one ended.
    expect(times.firstMs).toBeLessThan(times.lastMs);
  },
  60_000,
);

test.skipIf(process.platform !== 'linux')(
  'the memory of thousands of turns comes back',
  async () => {
    await using daemon = await startDaemon({ simulator: world.simulator });
    const turns = async (count: number) => {
      for (let left = count; left > 0; left -= 50) {
        const batch = Array.from({ length: 50 }, async () => {
          const body = JSON.stringify({ ...chatParams('Hello.'), stream: true });
          const headers = { 'content-type': 'application/json' };
          const answer = await fetch(`${daemon.url}/v1/chat/completions`, { method: 'POST', headers, body });
          expect(await answer.text()).toEndWith('data: [DONE]\n\n');
        });
        await Promise.all(batch);
        world.simulator.requests.length = 0;
      }
    };
    await turns(1500); // the JIT and the pools have reached their size
    const before = residentMb(daemon.pid);
    await turns(3000);
    // A leaked turn would take about 40 KB: 120 MB for these.
    expect(residentMb(daemon.pid) - before).toBeLessThan(60);
  },
  60_000,
);

function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

/** Reads `length` characters, stops reading, and returns how many it read. */
function readAndStop(answer: IncomingMessage, length: number): Promise<number> {
  return new Promise((resolve) => {
    let read = 0;
    answer.on('data', (chunk: string) => {
      read += chunk.length;
      if (read < length) return;
      answer.pause();
      resolve(read);
    });
  });
}

function once(answer: IncomingMessage, event: string): Promise<void> {
  return new Promise((resolve) => answer.once(event, () => resolve()));
}
