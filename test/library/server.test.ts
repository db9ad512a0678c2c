// `createServer`: the daemon in this process.
import { describe, expect, test } from 'bun:test';
import { createServer, type ServerOptions } from '../../src/library/index.ts';
import { emptyHome } from '../cli/process.ts';
import { thrownBy } from '../clients/daemon.ts';

const optionsOf = (settings: ServerOptions['settings'] = {}): ServerOptions => ({
  env: { HOME: emptyHome(), PATH: process.env.PATH },
  settings,
});

test('answers in demo mode without a login, and stops', async () => {
  const server = createServer({ ...optionsOf(), demo: true });
  expect(server.addresses).toEqual([]);
  expect(await server.listen(0)).toBe(server);
  const [address] = server.addresses;
  const body = JSON.stringify({ model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hello!' }] });
  const response = await fetch(`${address}/v1/chat/completions`, { method: 'POST', body });
  expect(await response.json()).toMatchObject({ object: 'chat.completion', model: 'gpt-5.5' });
  await server.close();
  expect(server.addresses).toEqual([]);
  expect(await thrownBy(fetch(`${address}/healthz`))).toBeInstanceOf(Error);
});

test('without a login it serves what needs none', async () => {
  await using server = await createServer(optionsOf()).listen(0);
  const response = await fetch(`${server.addresses[0]}/health`);
  expect(await response.json()).toMatchObject({ status: 'login_required', auth_available: false });
});

test('requires the API key of its settings', async () => {
  await using server = await createServer(optionsOf({ server: { api_key: 'secret-of-mine' } })).listen(0);
  const models = (headers: Record<string, string>) => fetch(`${server.addresses[0]}/v1/models`, { headers });
  expect((await models({})).status).toBe(401);
  expect((await models({ 'x-api-key': 'secret-of-mine' })).status).toBe(200);
});

test('listens where its settings say, and again after it was closed', async () => {
  const server = createServer(optionsOf({ server: { listen: ['127.0.0.1:0', '[::1]:0'] } }));
  await server.listen();
  expect(server.addresses).toHaveLength(2);
  expect(await thrownBy(server.listen())).toMatchObject({ kind: 'invalid_request' });
  await server.close();
  await server.listen('127.0.0.1:0');
  expect(server.addresses).toHaveLength(1);
  await server.close();
});

describe('refuses', () => {
  test('another address than loopback without a key', async () => {
    const thrown = await thrownBy(createServer(optionsOf()).listen('0.0.0.0:0'));
    expect(thrown).toMatchObject({ code: 'invalid_config' });
  });

  test('a port that is in use', async () => {
    await using server = await createServer(optionsOf()).listen(0);
    const { port } = new URL(server.addresses[0]!);
    const thrown = await thrownBy(createServer(optionsOf()).listen(Number(port)));
    expect(thrown).toMatchObject({ code: 'cannot_listen' });
  });

  test('settings that are wrong, before it listens', () => {
    expect(() => createServer(optionsOf({ models: { allowed: 'gpt' } } as never))).toThrow(
      'settings.models.allowed',
    );
  });
});
