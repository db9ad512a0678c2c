// What users see in Claude Code with the variables of `codexd env claude`.
import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { codexdCommand } from '../cli/process.ts';
import { hasTmux } from '../support/tmux.ts';
import { createWorkspace, installClaudeCode, printedVariables } from './claude-code.ts';
import { ClaudeScreen } from './claude-code-screen.ts';
import { startDaemon, turnsSent, useWorld } from './daemon.ts';

const claude = installClaudeCode();
if ('why' in claude) console.warn(`skipped: ${claude.why}`);
if (!hasTmux) console.warn('skipped: tmux is not installed');
const path = 'path' in claude ? claude.path : '';

describe.skipIf(path === '' || !hasTmux)('Claude Code in a terminal', () => {
  const world = useWorld();
  const screenOf = async (url = world.daemon.url, cwd = createWorkspace()) =>
    new ClaudeScreen({ path, cwd, env: await printedVariables(url) });

  test('/model names the models, and a choice lasts', async () => {
    await using screen = await screenOf();
    await screen.shows(/^❯/m);
    await screen.enter('/model');
    const picker = await screen.shows(/Select model[\s\S]*Alias "haiku"/);
    expect(picker).toContain('Set by ANTHROPIC_DEFAULT_MODEL');
    expect(picker).toMatch(/Alias "opus": gpt-6\.2-sol, 500k context/);
    expect(picker).toMatch(/Alias "haiku": gpt-6-luna, 272k context/);
    expect(picker).not.toMatch(/Custom|\[1m\]/);
    screen.press('Escape');
    await screen.shows(/Kept model/);
    await screen.enter('/model haiku');
    await screen.shows(/Set model to gpt-6-luna and saved as your default/);
  }, 90_000);

  test('/model lists all models that it discovers, and a turn reaches the chosen one', async () => {
    const variables = {
      ...(await printedVariables(world.daemon.url)),
      CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
    };
    await using screen = new ClaudeScreen({ path, cwd: createWorkspace(), env: variables });
    await screen.shows(/^❯/m);
    await screen.enter('/model anthropic-gpt-6.1-sol');
    await screen.shows(/Set model to/);
    await screen.enter('/model');
    await screen.shows(/From gateway/);
    screen.press('Escape');
    await screen.shows(/Kept model/);
    await screen.enter('hello');
    await screen.shows(/You said: /);
    expect(turnsSent(world.simulator).map(({ body }) => body.model)).toContain('gpt-6.1-sol');
  }, 90_000);

  test('`codexd run claude` gives it the terminal, and it registers nothing with the desktop', async () => {
    const [program = '', ...source] = codexdCommand;
    const env = { PATH: `${dirname(path)}:${process.env.PATH}`, BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0' };
    const args = [...source, 'run', '--demo', 'claude'];
    await using screen = new ClaudeScreen({ path: program, cwd: createWorkspace(), env, args });
    await screen.shows(/^❯/m);
    await screen.enter('hello');
    await screen.shows(/You said: “hello”/);
    expect(readdirSync(screen.home).filter((name) => !name.startsWith('.claude'))).toEqual([]);
  }, 90_000);

  test('auto mode runs a command after its own check, without a notice', async () => {
    const cwd = createWorkspace();
    world.simulator.script(
      {
        calls: [
          { name: 'Bash', arguments: { command: 'curl -s http://127.0.0.1:9/ || echo ran > out.txt' } },
        ],
      },
      { text: '<block>no</block>' },
      { text: 'It is done.' },
    );
    await using screen = await screenOf(world.daemon.url, cwd);
    await screen.shows(/auto mode on/);
    await screen.enter('fetch it');
    const shown = await screen.shows(/It is done\./);
    expect(readFileSync(join(cwd, 'out.txt'), 'utf8')).toBe('ran\n');
    expect(shown).not.toMatch(/127\.0\.0\.1:\d{4,}|Do you want to proceed/);
  }, 90_000);

  test('a missing login is explained by what to run, and by nothing else', async () => {
    await using daemon = await startDaemon({ simulator: world.simulator, login: false });
    await using screen = await screenOf(daemon.url);
    await screen.shows(/^❯/m);
    await screen.enter('say hi');
    const shown = await screen.shows(/API Error: 424/);
    expect(shown).toContain('codexd login');
    expect(shown).not.toMatch(/\/login|server-side|temporary/);
  }, 90_000);
});
