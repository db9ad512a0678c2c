// The requests that the simulator records.
import { afterAll, describe, expect, test } from 'bun:test';
import { type RecordedRequest, Recorder } from '../../src/simulator/recorder.ts';
import { goodBody, startClient } from './client.ts';

const { simulator, ask, call } = startClient({ now: () => 5000 });
afterAll(() => simulator.stop());

test('a request is kept with its query, headers in lower case, JSON body, time and answer', async () => {
  const response = await call('codex/responses?a=b', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Originator: 'codexd' },
    body: JSON.stringify(goodBody),
  });
  await response.text();
  expect(simulator.requests.at(-1)).toMatchObject({
    method: 'POST',
    path: '/backend-api/codex/responses',
    query: { a: 'b' },
    headers: { originator: 'codexd', 'content-type': 'application/json' },
    body: goodBody,
    atMs: 5000,
    answered: 200,
  });
  expect(simulator.requests.at(-1)).not.toHaveProperty('abortedAtMs');
});

test('numbers are kept as they were sent', async () => {
  const tool =
    '{"type":"function","name":"f","strict":false,"parameters":{"type":"object","properties":{"a":{"enum":[1.10,1234567890123456789]}}}}';
  const response = await call('codex/responses', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `${JSON.stringify(goodBody).slice(0, -1)},"tools":[${tool}]}`,
  });
  await response.text();
  expect(simulator.requests.at(-1)?.answered).toBe(200);
  expect(JSON.stringify(simulator.requests.at(-1)?.body)).toContain(tool);
});

test('a form is kept as its fields, text as text', async () => {
  await fetch(`${simulator.issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams({ a: 'b c' }) });
  expect(simulator.requests.at(-1)?.body).toEqual({ a: 'b c' });
  await fetch(`${simulator.issuer}/oauth/token`, { method: 'POST', body: 'not json' });
  expect(simulator.requests.at(-1)?.body).toBe('not json');
});

test('a client that leaves in the middle of a stream is noted at once', async () => {
  simulator.script({ events: [{ type: 'a' }], fault: 'stall' });
  const controller = new AbortController();
  const response = await ask({}, { signal: controller.signal });
  await response.body!.getReader().read();
  controller.abort();
  const record = await simulator.waitFor(({ abortedAtMs }) => abortedAtMs !== undefined);
  expect(record).toMatchObject({ abortedAtMs: 5000, answered: 200 });
});

test('an answer read to its end is no abort', async () => {
  await (await ask()).text();
  await Bun.sleep(2);
  expect(simulator.requests.at(-1)?.abortedAtMs).toBeUndefined();
});

describe('waitFor', () => {
  test('gives a request that comes later', async () => {
    const waiting = simulator.waitFor(({ path }) => path === '/later');
    await fetch(`${simulator.url}/later`);
    expect((await waiting).method).toBe('GET');
  });

  test('gives up with what it saw instead', async () => {
    const recorder = new Recorder(1000);
    recorder.add({ method: 'GET', path: '/a', query: {}, headers: {}, body: undefined, atMs: 0 }, 0);
    await expect(recorder.waitFor(() => false, 1)).rejects.toThrow(
      'No such request within 1 ms. Seen: GET /a open.',
    );
  });

  test('does not give a forgotten request whose client leaves later', async () => {
    const recorder = new Recorder(1000);
    const [old, next] = ['/old', '/next'].map((path) => ({
      ...{ method: 'GET', path, query: {}, headers: {}, body: undefined, atMs: 0 },
    })) as [RecordedRequest, RecordedRequest];
    recorder.add(old, 0);
    recorder.forget();
    const waiting = recorder.waitFor(() => true, 1000);
    recorder.update(old, { abortedAtMs: 1 });
    recorder.add(next, 0);
    expect(await waiting).toBe(next);
  });
});

test('a reset forgets requests and lines, and no login', async () => {
  await (await ask()).text();
  simulator.script({ text: 'never' });
  simulator.reset();
  expect([simulator.requests, simulator.unused()]).toEqual([[], []]);
  expect((await ask()).status).toBe(200);
});

describe('the record is bounded', () => {
  const request = (path: string) => ({ method: 'POST', path, query: {}, headers: {}, body: 'x', atMs: 0 });

  test('the oldest go first', () => {
    const recorder = new Recorder(10_000);
    for (let i = 0; i < 10; i++) recorder.add(request(`/${i}`), 3000);
    expect(recorder.requests.map(({ path }) => path)).toEqual(['/8', '/9']);
  });

  test('a body over the limit is not kept, its request is', () => {
    const recorder = new Recorder(10_000);
    recorder.add(request('/big'), 20_000);
    expect(recorder.requests).toMatchObject([{ path: '/big', body: undefined }]);
  });
});
