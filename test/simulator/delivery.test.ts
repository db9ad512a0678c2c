// How a stream is delivered: split into writes, and no faster than its client reads.
import { expect, test } from 'bun:test';
import { type Delivery, pieces, streamBody } from '../../src/simulator/delivery.ts';

const cut = (frames: string[], delivery: Partial<Delivery>) =>
  [...pieces(frames, { paceMs: 0, ...delivery })].map((piece) => Buffer.from(piece).toString());

test.each([
  ['frames as they are', {}, ['abcd', 'ef']],
  ['writes of three bytes', { chunkBytes: 3 }, ['abc', 'def']],
  ['a cut inside a frame', { cutAfterBytes: 5 }, ['abcd', 'e']],
  ['a cut after a frame', { cutAfterBytes: 4 }, ['abcd']],
  ['a fault inside a frame', { fault: 'reset', afterBytes: 2 }, ['ab']],
  ['a cut of everything', { cutAfterBytes: 0 }, ['']],
] as [string, Partial<Delivery>, string[]][])('%s', (_, delivery, wanted) => {
  expect(cut(['abcd', 'ef'], delivery)).toEqual(wanted);
});

test('a reader that does not read stops the writer', async () => {
  let made = 0;
  function* endless(): Generator<string> {
    for (;;) {
      made++;
      yield 'x'.repeat(65_536);
    }
  }
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: () => new Response(streamBody(endless(), { paceMs: 0 })),
  });
  const response = await fetch(server.url);
  for (let before = 0; made === 0 || made !== before; ) {
    before = made;
    await Bun.sleep(25);
  }
  expect(made).toBeLessThan(400);
  await response.body?.cancel();
  await server.stop(true);
});
