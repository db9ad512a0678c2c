// The newest Codex CLI through codexd, with its own default model and each supported provider table.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { until } from '../support/until.ts';
import { authJson, installCodex, runCodex } from './codex-cli.ts';
import { turnsSent, useWorld } from './daemon.ts';

const codex = installCodex();
if ('why' in codex) console.log(`Skipped: ${codex.why}.`);
const path = 'path' in codex ? codex.path : '';

describe.skipIf(path === '')('codex exec', () => {
  const world = useWorld();
  const config = (name: string, websockets = false) =>
    [
      'model_provider = "codexd"',
      '[model_providers.codexd]',
      `name = "${name}"`,
      `base_url = "${world.daemon.url}/v1"`,
      'wire_api = "responses"',
      `supports_websockets = ${websockets}`,
      '',
    ].join('\n');

  test.each(['codexd', 'OpenAI'])(
    'answers without -m as provider %s',
    async (name) => {
      world.simulator.script({ text: 'Hello from upstream.' });
      const run = await runCodex(path, 'hi', { config: config(name) });
      expect(run).toMatchObject({ exitCode: 0 });
      expect(run.events).toContainEqual(
        expect.objectContaining({ item: expect.objectContaining({ text: 'Hello from upstream.' }) }),
      );
      const [turn] = turnsSent(world.simulator);
      expect(turn).toMatchObject({
        headers: { originator: 'codexd', version: '0.171.0' },
        body: { model: 'gpt-6.2-sol' },
      });
      expect(turn!.body.input.map(({ type }) => type)).not.toContain('configuration_update');
    },
    60_000,
  );

  test('with its own login, by what `codexd env codex` prints, and its limits are asked of codexd', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.codex'));
    const login = world.simulator.login();
    const auth = authJson(login);
    writeFileSync(join(home, '.codex/auth.json'), auth);
    const listen = new URL(world.daemon.url).host;
    const { out, err } = await runCodexd(['env', 'codex', '--listen', listen], { home });
    expect(out).toContain('requires_openai_auth = true');
    const [, address] = /-c (chatgpt_base_url=\S+?)`/.exec(err)!;
    const [name, url] = address!.split('=', 2);
    const top = `${name} = "${url}"\nmodel_provider = "codexd"\n`;
    const run = await runCodex(path, 'hi', { config: top + out, auth });
    expect(run).toMatchObject({ exitCode: 0 });
    expect(turnsSent(world.simulator)).toHaveLength(1);
    const { access_token } = login;
    expect(turnsSent(world.simulator)[0]!.headers.authorization).not.toContain(access_token);
  }, 60_000);

  test('uses one WebSocket, in silence', async () => {
    const upgrades = () => world.daemon.stderr().match(/ 101 .* GET \/v1\/responses /g)?.length ?? 0;
    const before = upgrades();
    const run = await runCodex(path, 'hi', { config: config('OpenAI', true) });
    expect(run.exitCode).toBe(0);
    expect(run.events.filter(({ type }) => type === 'error')).toEqual([]);
    await until(() => upgrades() > before);
    expect(upgrades() - before).toBe(1);
    expect(turnsSent(world.simulator)).toHaveLength(1);
  }, 60_000);
});
