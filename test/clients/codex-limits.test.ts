// The limits of codexd's plan in the Codex CLI's own `/status`, and the resets that it may redeem.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCodexd } from '../cli/process.ts';
import { hasTmux, TmuxScreen } from '../support/tmux.ts';
import { authJson, installCodex } from './codex-cli.ts';
import { startDaemon, useWorld } from './daemon.ts';

const limits = { layout: 'both', weeklyUsedPercent: 40, fiveHourUsedPercent: 7, resets: 1 } as const;
const world = useWorld({ simulator: { limits } });

const codex = installCodex();
const path = 'path' in codex ? codex.path : '';
if ('why' in codex) console.log(`Skipped: ${codex.why}.`);
else if (!hasTmux) console.log('Skipped: tmux is not installed.');

describe.skipIf(path === '' || !hasTmux)('on its screen', () => {
  test('both windows, by what `codexd env codex --write` wrote', async () => {
    const home = mkdtempSync(join(tmpdir(), 'codexd-codex-home-'));
    const work = join(home, 'work');
    mkdirSync(join(home, '.codex'));
    mkdirSync(work);
    writeFileSync(
      join(home, '.codex/auth.json'),
      authJson({ ...world.simulator.login(), account_id: 'own' }),
    );
    const file = join(home, '.codex/config.toml');
    // The background server would outlive the program.
    writeFileSync(file, `features.daemon_auto_start = false\nprojects."${work}".trust_level = "trusted"\n`);
    const listen = new URL(world.daemon.url).host;
    const { err, exitCode } = await runCodexd(['env', 'codex', '--write', '--listen', listen], { home });
    expect(exitCode).toBe(0);
    const base = /-c (chatgpt_base_url=[^\s`]+)/.exec(err)![1]!;
    await using screen = new TmuxScreen({
      command: [path, '-c', 'model_provider=codexd', '-c', base],
      cwd: work,
      home,
    });
    await screen.shows(/Ask Codex to do anything/);
    screen.type('/status');
    await screen.shows(/\/status/);
    screen.press('Enter');
    const text = await screen.shows(/Weekly limit: +\S/);
    expect(text).toMatch(/5h limit: .*93% left/);
    expect(text).toMatch(/Weekly limit: .*60% left/);
  }, 90_000);
});

const resets = '/backend-api/wham/rate-limit-reset-credits';
const redeem = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}${resets}/consume`, { method: 'POST', body: JSON.stringify(body), headers });
const sent = () => world.simulator.requests.filter((request) => request.path.endsWith('/consume'));

test('the resets are listed', async () => {
  const list = await fetch(`${world.daemon.url}${resets}`);
  expect(await list.json()).toMatchObject({ available_count: 1, credits: [{ status: 'available' }] });
});

test('with `upstream.redeem_resets`, one is redeemed, and the request is never repeated', async () => {
  const env = { CODEXD_UPSTREAM_REDEEM_RESETS: 'true' };
  await using daemon = await startDaemon({ simulator: world.simulator, env });
  const wrong = await redeem(daemon.url, { credit_id: 'credit_1' });
  expect([wrong.status, await wrong.json()]).toMatchObject([400, { error: { param: 'redeem_request_id' } }]);
  const body = { redeem_request_id: crypto.randomUUID(), credit_id: 'credit_1' };
  for (const status of [401, 500]) {
    world.simulator.script({ for: 'wham/rate-limit-reset-credits/consume', status });
    expect((await redeem(daemon.url, body)).status).toBeGreaterThanOrEqual(400);
  }
  const done = await redeem(daemon.url, body);
  expect([done.status, await done.json()]).toEqual([200, { code: 'reset' }]);
  expect(sent().map((request) => request.body)).toEqual([body, body, body]);
});
