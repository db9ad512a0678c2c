// One request of a client: the memory reserved for its body.
import { expect, test } from 'bun:test';
import { Call } from '../../src/server/exchange.ts';

function callWith(grant: Promise<void>) {
  let held = 0;
  const call = new Call('req_1', new Request('http://localhost/'), () => 0, {
    closing() {},
    ended() {},
    async reserve(bytes) {
      await grant;
      held += bytes;
      return () => {
        held -= bytes;
      };
    },
  });
  return { call, held: () => held };
}

test('memory reserved for a body is given back when the call ends', async () => {
  const { call, held } = callWith(Promise.resolve());
  await call.reserve(100);
  await call.reserve(20);
  expect(held()).toBe(120);
  call.end();
  expect(held()).toBe(0);
});

test('what is granted only after the end, at once', async () => {
  const granted = Promise.withResolvers<void>();
  const { call, held } = callWith(granted.promise);
  const reserving = call.reserve(100);
  call.end();
  granted.resolve();
  await reserving;
  expect(held()).toBe(0);
});
