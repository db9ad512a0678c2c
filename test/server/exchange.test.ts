// A client's request: the memory reserved for its body.
import { expect, test } from 'bun:test';
import { Exchange } from '../../src/server/exchange.ts';

function exchangeWith(grant: Promise<void>) {
  let held = 0;
  const exchange = new Exchange('req_1', new Request('http://localhost/'), () => 0, {
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
  return { exchange, held: () => held };
}

test('memory reserved for a body is given back when the call ends', async () => {
  const { exchange, held } = exchangeWith(Promise.resolve());
  await exchange.reserve(100);
  await exchange.reserve(20);
  expect(held()).toBe(120);
  exchange.end();
  expect(held()).toBe(0);
});

test('what is granted only after the end, at once', async () => {
  const granted = Promise.withResolvers<void>();
  const { exchange, held } = exchangeWith(granted.promise);
  const reserving = exchange.reserve(100);
  exchange.end();
  granted.resolve();
  await reserving;
  expect(held()).toBe(0);
});

test('the record of a call is one value that nobody can change', async () => {
  const { exchange } = exchangeWith(Promise.resolve());
  exchange.note({ modelRequested: 'gpt-5', modelUsed: 'gpt-5.5' });
  exchange.note({ audioSeconds: 3 });
  exchange.respond(200);
  const record = exchange.record();
  expect(record).toMatchObject({
    requestId: 'req_1',
    method: 'GET',
    status: 200,
    modelRequested: 'gpt-5',
    modelUsed: 'gpt-5.5',
    audioSeconds: 3,
    caller: { name: 'anonymous' },
  });
  expect(Object.isFrozen(record)).toBe(true);
  exchange.note({ modelUsed: 'gpt-5.4' });
  expect(record.modelUsed).toBe('gpt-5.5');
});
