// Each Codex version is checked against its own model list, and may use models that are on no list yet.
import { expect, test } from 'bun:test';
import { bundledEntries } from '../../src/models/bundle.ts';
import { readModels } from '../../src/models/model.ts';
import { startDaemon, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

function codex(version: string) {
  return {
    originator: 'codex_exec',
    'user-agent': `codex_exec/${version} (Debian 12.0.0; x86_64) xterm`,
    version,
  };
}

async function turn(model: string, headers: Record<string, string>, url = world.daemon.url) {
  const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }];
  const body = JSON.stringify({ model, input, stream: true });
  const answer = await fetch(`${url}/v1/responses`, { method: 'POST', headers, body });
  await answer.text();
  return answer;
}

function listsAsked(version: string): number {
  const chatParams = world.simulator.requests.filter(({ path }) => path.endsWith('/codex/models'));
  return chatParams.filter(({ query }) => query.client_version === version).length;
}

test('its own version goes upstream, and its list is the one of that version', async () => {
  const env = { CODEXD_UPSTREAM_CLIENT_VERSION: '0.150.0' };
  await using daemon = await startDaemon({ simulator: world.simulator, env });
  const answer = await turn('gpt-6.2-sol', codex('0.171.0'), daemon.url);
  expect([answer.status, answer.headers.get('x-codexd-model')]).toEqual([200, 'gpt-6.2-sol']);
  expect(turnsSent(world.simulator)[0]).toMatchObject({
    headers: { version: '0.171.0', originator: 'codexd' },
    body: { model: 'gpt-6.2-sol' },
  });
  expect((await turn('gpt-6.2-sol', {}, daemon.url)).status).toBe(404);
});

test('without the header the version is the one in the user agent', async () => {
  const { version: _, ...headers } = codex('0.168.2');
  await turn('gpt-5.5', headers);
  expect(turnsSent(world.simulator)[0]!.headers.version).toBe('0.168.2');
});

test('a model that its list lacks is looked up once more, then passed on', async () => {
  for (const model of ['gpt-6.2-sol', 'gpt-6.2-sol']) {
    expect((await turn(model, codex('0.155.0'))).headers.get('x-codexd-model')).toBe(model);
  }
  expect(listsAsked('0.155.0')).toBe(2);
  expect(turnsSent(world.simulator).map(({ body }) => body.model)).toEqual(['gpt-6.2-sol', 'gpt-6.2-sol']);
  const unheard = await turn('gpt-9-vega', codex('0.155.0'));
  expect([unheard.status, turnsSent(world.simulator).at(-1)!.body.model]).toEqual([404, 'gpt-9-vega']);
});

test('other clients are told 404, and the upstream is not asked', async () => {
  expect((await turn('gpt-9-vega', {})).status).toBe(404);
  expect(turnsSent(world.simulator)).toEqual([]);
});

test('models.allowed holds for them, too', async () => {
  await writeConfig('[models]\nallowed = ["gpt-5*"]\n', async (url) => {
    expect((await turn('gpt-9-vega', codex('0.171.0'), url)).status).toBe(404);
  });
});

test('its list has hidden models and the etag that turns name', async () => {
  const url = `${world.daemon.url}/v1/models?client_version=0.171.0`;
  const answer = await fetch(url, { headers: codex('0.171.0') });
  const { models, data } = (await answer.json()) as { models: { slug: string }[]; data: { id: string }[] };
  expect(models.map(({ slug }) => slug)).toEqual(readModels(bundledEntries).map(({ slug }) => slug));
  expect(data.map(({ id }) => id)).not.toContain('codex-auto-review');
  const sent = await turn('gpt-5.5', codex('0.171.0'));
  const etag = answer.headers.get('etag') ?? '';
  expect(etag).toBe(sent.headers.get('x-models-etag') ?? 'missing');
  const again = await fetch(url, { headers: { ...codex('0.171.0'), 'if-none-match': etag } });
  expect([again.status, again.headers.get('etag'), await again.text()]).toEqual([304, etag, '']);
});

test('an old client gets the models of its version', async () => {
  const answer = await fetch(`${world.daemon.url}/v1/models?client_version=0.130.0`);
  const { models } = (await answer.json()) as { models: { slug: string }[] };
  expect(models.map(({ slug }) => slug)).toEqual(['gpt-5.5', 'codex-auto-review']);
});

async function writeConfig(text: string, use: (url: string) => Promise<void>): Promise<void> {
  const file = `${world.daemon.home}/other.toml`;
  await Bun.write(file, text);
  await using daemon = await startDaemon({ simulator: world.simulator, args: ['--config', file] });
  await use(daemon.url);
}
