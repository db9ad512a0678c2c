// The real Claude Code logs in to the daemon, as `codexd env claude --login` sets it up.
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/base/sha256.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { useSimulator } from '../support/simulator.ts';
import { hasTmux } from '../support/tmux.ts';
import { until } from '../support/until.ts';
import { createWorkspace, installClaudeCode } from './claude-code.ts';
import { ClaudeScreen } from './claude-code-screen.ts';
import { type RunningDaemon, startDaemon, turnsSent } from './daemon.ts';
import { decideLogin } from './gateway.ts';

const claude = installClaudeCode();
if ('why' in claude) console.warn(`skipped: ${claude.why}`);
if (!hasTmux) console.warn('skipped: tmux is not installed');
const path = 'path' in claude ? claude.path : '';

const key = 'cdx_owner-0123456789';
/** The shortest lifetime: Claude Code refreshes a token that has less than five minutes left. */
const settings = `
[gateway]
managed_settings = true
token_minutes = 1
[[server.keys]]
name = "owner"
sha256 = "${sha256(key)}"
`;

interface Credentials {
  enterpriseGateway?: { jwt: string; idpRefreshToken: string };
}

describe.skipIf(path === '' || !hasTmux)('Claude Code', () => {
  const simulator = useSimulator();

  test('logs in, gets its models, refreshes, is revoked, logs in again and out', async () => {
    const home = emptyHome();
    mkdirSync(join(home, '.config/codexd'), { recursive: true });
    writeFileSync(join(home, '.config/codexd/config.toml'), settings);
    await using daemon = await startDaemon({ simulator, home });
    const listen = new URL(daemon.url).host;
    await runCodexd(['env', 'claude', '--login', '--write', '--listen', listen], { home });
    await using screen = new ClaudeScreen({ path, cwd: createWorkspace(), home, env: {} });
    const credentialsFile = join(home, '.claude/.credentials.json');
    const credentials = () =>
      existsSync(credentialsFile)
        ? (JSON.parse(readFileSync(credentialsFile, 'utf8')) as Credentials).enterpriseGateway
        : undefined;

    await screen.shows(/run \/login/);
    await screen.enter('/login');
    await screen.shows(/Gateway URL from your settings file[\s\S]*Enter to connect/);
    screen.press('Enter');
    await screen.shows(/Trust gateway 127\.0\.0\.1\?[\s\S]*❯ No/);
    screen.press('Up');
    await screen.shows(/❯ Yes/);
    screen.press('Enter');
    await approve(screen, daemon);
    await screen.shows(/Connected to Cloud gateway/);
    screen.press('Enter');
    await screen.shows(/gpt-6\.2-sol · Cloud gateway/);
    const first = credentials();

    await screen.enter('hello');
    await screen.shows(/You said: “hello”/);
    expect(turnsSent(simulator).map(({ body }) => body.model)).toContain('gpt-6.2-sol');
    await until(() => credentials()?.idpRefreshToken !== first?.idpRefreshToken);
    await screen.enter('hello again');
    await screen.shows(/You said: “hello again”/);

    const [name = ''] = await loginsOf(home);
    await runCodexd(['config', 'key', 'remove', name], { home });
    await screen.enter('and again');
    await screen.shows(/Please run \/login/);

    await screen.enter('/login');
    await screen.shows(/Enter to connect/);
    screen.press('Enter');
    await approve(screen, daemon);
    await screen.shows(/Connected to Cloud gateway/);
    screen.press('Enter');
    await screen.shows(/Login successful[\s\S]*You said: “and again[\s\S]* done /);
    expect(await loginsOf(home)).toHaveLength(1);
    await screen.enter('/logout');
    await until(async () => (await loginsOf(home)).length === 0);
    await until(() => credentials() === undefined);
  }, 120_000);
});

/** Approves the code that the screen shows. */
async function approve(screen: ClaudeScreen, { url }: RunningDaemon): Promise<void> {
  const shown = await screen.shows(/Code:\s+[A-Z]{4}-[A-Z]{4}/);
  const code = /Code:\s+(\S+)/.exec(shown)?.[1] ?? '';
  expect((await decideLogin(url, code, { key })).status).toBe(200);
}

/** The names of the keys that programs got by logging in. */
async function loginsOf(home: string): Promise<string[]> {
  const { out } = await runCodexd(['config', 'key', 'list', '--json'], { home });
  const keys = JSON.parse(out) as { name: string; issued_to: string | null }[];
  return keys.filter(({ issued_to }) => issued_to === 'claude-code').map(({ name }) => name);
}
