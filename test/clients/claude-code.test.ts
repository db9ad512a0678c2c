// Claude Code with codexd.
import { afterAll, describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gatewayToken } from '../../src/server/middleware/gateway-token.ts';
import { type RecordedRequest, startSimulator } from '../../src/simulator/simulator.ts';
import { emptyHome, runCodexd } from '../cli/process.ts';
import {
  type ClaudeRun,
  createWorkspace,
  installClaudeCode,
  printedVariables,
  runClaude,
} from './claude-code.ts';
import { type RunningDaemon, startDaemon, useWorld } from './daemon.ts';

const claude = installClaudeCode();
if ('why' in claude) console.warn(`skipped: ${claude.why}`);
const path = 'path' in claude ? claude.path : '';

interface TurnBody {
  model: string;
  instructions: string;
  input: {
    type: string;
    role?: string;
    content?: { text?: string }[];
    encrypted_content?: string;
    call_id?: string;
  }[];
  prompt_cache_key: string;
  reasoning?: { effort?: string };
  tools?: { name: string; strict?: boolean }[];
}

describe.skipIf(path === '')('Claude Code', () => {
  const world = useWorld();
  const turns = () => world.simulator.requests.filter(isTurn).map(({ body }) => body as TurnBody);

  test('a plain answer', async () => {
    world.simulator.script({ text: 'Good day to you.' });
    const { exitCode, result } = await runClaude(path, world.daemon.url, 'say good day');
    expect(result).toMatchObject({ is_error: false, result: 'Good day to you.', stop_reason: 'end_turn' });
    expect(exitCode).toBe(0);
    expect(turns()).toHaveLength(1);
  }, 90_000);

  test('reads a file, edits it and runs a command; nothing of a turn is lost', async () => {
    const cwd = createWorkspace({ 'hello.txt': 'hello there\n' });
    const file_path = join(cwd, 'hello.txt');
    world.simulator.script(
      {
        reasoning: ['Look first.'],
        text: 'Reading.',
        calls: [{ name: 'Read', arguments: { file_path } }, bash('echo ok')],
      },
      { calls: [{ name: 'Edit', arguments: { file_path, old_string: 'hello', new_string: 'goodbye' } }] },
      { reasoning: ['Check it.'], calls: [bash(`cat ${file_path} > ${join(cwd, 'copy.txt')}`)] },
      { text: 'All done.' },
    );
    const { exitCode, result } = await runClaude(path, world.daemon.url, 'edit hello.txt', {
      cwd,
      args: ['--allowedTools', 'Read,Edit,Bash'],
    });
    expect(result).toMatchObject({ is_error: false, result: 'All done.', stop_reason: 'end_turn' });
    expect(exitCode).toBe(0);
    expect(readFileSync(file_path, 'utf8')).toBe('goodbye there\n');
    expect(readFileSync(join(cwd, 'copy.txt'), 'utf8')).toBe('goodbye there\n');

    const bodies = turns();
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies.map((body) => body.prompt_cache_key)).size).toBe(1);
    expect(new Set(bodies.map((body) => body.instructions)).size).toBe(1);
    expect(JSON.stringify(bodies)).not.toContain('x-anthropic-billing-header');
    for (const [at, body] of bodies.slice(1).entries()) {
      // Earlier messages stay byte for byte the same, because the upstream's prompt cache depends on the prefix.
      const before = bodies[at]!.input;
      expect(JSON.stringify(body.input.slice(0, before.length))).toBe(JSON.stringify(before));
    }
    const last = bodies.at(-1)!.input;
    const blobs = last.filter(({ type }) => type === 'reasoning');
    expect(blobs).toHaveLength(2);
    for (const blob of blobs) {
      expect(blob.encrypted_content).toStartWith('gAAAA');
      expect(blob).not.toHaveProperty('id');
    }
    const ids = (type: string) => last.filter((item) => item.type === type).map((item) => item.call_id);
    expect(ids('function_call_output').toSorted()).toEqual(ids('function_call').toSorted());
    const usage = result.usage as Record<string, number>;
    expect(usage.cache_read_input_tokens).toBeGreaterThan(usage.input_tokens!);
  }, 90_000);

  test('a conversation that outgrows the window is compacted and goes on', async () => {
    const cwd = createWorkspace({ 'hello.txt': 'hello there\n' });
    world.simulator.script(
      { calls: [{ name: 'Read', arguments: { file_path: join(cwd, 'hello.txt') } }] },
      { fixture: join(import.meta.dir, '../fixtures/turns/failed-first.sse') },
      { text: '<summary>The user wants hello.txt read; it says hello there.</summary>' },
      { text: 'It says hello there.' },
    );
    const { exitCode, result } = await runClaude(path, world.daemon.url, 'what is in hello.txt?', {
      cwd,
      args: ['--allowedTools', 'Read'],
    });
    expect(result).toMatchObject({ is_error: false, result: 'It says hello there.' });
    expect(exitCode).toBe(0);
    const texts = turns().map(({ input }) => JSON.stringify(input));
    expect(texts).toHaveLength(4);
    expect(texts[2]).toContain('CRITICAL: Respond with TEXT ONLY');
    expect(texts[3]).toContain('it says hello there');
    expect(texts[2]).toContain('"function_call"');
    expect(texts[3]).not.toContain('"function_call"'); // the summary replaces it
  }, 90_000);

  test('the effort it is set to is the effort the upstream gets', async () => {
    for (const effort of ['low', 'xhigh']) {
      world.simulator.script({ text: 'Yes.' });
      await runClaude(path, world.daemon.url, 'say yes', { args: ['--effort', effort] });
    }
    expect(turns().map(({ reasoning }) => reasoning?.effort)).toEqual(['low', 'xhigh']);
  }, 90_000);

  test('what `codexd env claude` prints, and what it writes, is all that Claude Code needs', async () => {
    const listen = new URL(world.daemon.url).host;
    const home = emptyHome();
    const variables = await printedVariables(world.daemon.url, home);
    world.simulator.script({ text: 'From the shell.' });
    const bare = {
      ANTHROPIC_BASE_URL: '',
      ANTHROPIC_AUTH_TOKEN: '',
      ANTHROPIC_MODEL: '',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: '',
    };
    const shell = await runClaude(path, '', 'say it', { env: { ...bare, ...variables } });
    expect(shell.result).toMatchObject({ is_error: false, result: 'From the shell.' });
    expect(shell.result.modelUsage).toMatchObject({
      [variables.ANTHROPIC_DEFAULT_MODEL!]: { contextWindow: 500_000 },
    });
    // The token makes Claude Code read the plan's limits.
    expect(shell.events.find(({ type }) => type === 'rate_limit_event')).toMatchObject({
      rate_limit_info: {
        status: 'allowed',
        rateLimitType: 'seven_day',
        unifiedWindows: { seven_day: { utilization: expect.any(Number), status: 'allowed' } },
      },
    });

    expect(await runCodexd(['env', 'claude', '--write', '--listen', listen], { home })).toMatchObject({
      exitCode: 0,
    });
    world.simulator.script({ text: 'From the settings file.' });
    const settings = join(home, '.claude/settings.json');
    const written = await runClaude(path, '', 'say it', { args: ['--settings', settings], env: bare });
    expect(written.result).toMatchObject({ is_error: false, result: 'From the settings file.' });
  }, 90_000);

  test('a web search has its links, from the sources or else from what the answer cites', async () => {
    world.simulator.script(
      { calls: [{ name: 'WebSearch', arguments: { query: 'weather Oslo' } }] },
      { fixture: join(import.meta.dir, '../fixtures/turns/web-search.sse') },
      { text: 'It is cold.' },
    );
    const { result } = await runClaude(path, world.daemon.url, 'look it up', {
      args: ['--allowedTools', 'WebSearch'],
    });
    expect(result).toMatchObject({ is_error: false, result: 'It is cold.' });
    const [, search, last] = turns();
    expect(search).toMatchObject({ include: expect.arrayContaining(['web_search_call.action.sources']) });
    const output = JSON.stringify(last?.input.at(-1));
    expect(output).toContain('https://www.yr.no/oslo');
    expect(output).not.toContain('No links found');
  }, 90_000);

  test('a PDF that the upstream refuses does not end the conversation', async () => {
    const cwd = createWorkspace({ 'paper.pdf': smallPdf });
    const refused = {
      status: 400,
      body: {
        error: {
          message: "Invalid value: 'input_file'. Supported values are: 'input_text' and 'input_image'.",
          type: 'invalid_request_error',
          param: 'input[3].output[1].type',
          code: 'invalid_value',
        },
      },
    };
    world.simulator.script(
      { calls: [{ name: 'Read', arguments: { file_path: join(cwd, 'paper.pdf') } }] },
      refused,
      { calls: [bash('echo on')] },
      refused,
      { text: 'It goes on.' },
    );
    const { result } = await runClaude(path, world.daemon.url, 'read the paper', {
      cwd,
      args: ['--allowedTools', 'Read,Bash'],
    });
    expect(result).toMatchObject({ is_error: false, result: 'It goes on.' });
    const [, whole, without] = turns().map(({ input }) => JSON.stringify(input));
    expect(whole).toContain('"input_file"');
    expect(without).not.toContain('"input_file"');
    expect(without).toContain('could not be passed on');
  }, 90_000);

  test('auto mode: the client has a model judge a command, and the answer is cut where it asks', async () => {
    const cwd = createWorkspace();
    world.simulator.script(
      { calls: [bash(`curl -s http://127.0.0.1:9/ || echo ran > ${join(cwd, 'out.txt')}`)] },
      { reasoning: ['It is harmless.'], text: '<block>no</block> It only reads.' },
      { text: 'All done.' },
    );
    const { result } = await runClaude(path, world.daemon.url, 'fetch it', {
      cwd,
      args: ['--permission-mode', 'auto'],
      env: await printedVariables(world.daemon.url),
    });
    expect(result).toMatchObject({ is_error: false, result: 'All done.', permission_denials: [] });
    expect(readFileSync(join(cwd, 'out.txt'), 'utf8')).toBe('ran\n');
    expect(turns()).toHaveLength(3);
    expect(turns()[1]?.instructions).toContain('security monitor');
  }, 90_000);

  describe('limits', () => {
    const simulator = startSimulator({
      limits: { layout: 'both', fiveHourUsedPercent: 12, weeklyUsedPercent: 94 },
    });
    afterAll(() => simulator.stop());
    const ask = (daemon: RunningDaemon, key: string) =>
      runClaude(path, daemon.url, 'say yes', { env: { ANTHROPIC_AUTH_TOKEN: gatewayToken(key) } });
    const limitOf = ({ events }: ClaudeRun) =>
      events.findLast(({ type }) => type === 'rate_limit_event')?.rate_limit_info;

    test('a window with 94 % used is a warning, with the key of the daemon in the token', async () => {
      await using daemon = await startDaemon({ simulator, args: ['--api-key', 'a-key-of-its-own'] });
      const run = await ask(daemon, 'a-key-of-its-own');
      expect(run.result).toMatchObject({ is_error: false });
      expect(limitOf(run)).toMatchObject({
        status: 'allowed_warning',
        rateLimitType: 'seven_day',
        surpassedThreshold: 0.9,
        unifiedWindows: {
          five_hour: { utilization: 0.12, status: 'allowed' },
          seven_day: { utilization: 0.94, status: 'allowed_warning' },
        },
      });
      const wrong = await ask(daemon, 'another-key');
      expect(wrong.result).toMatchObject({ is_error: true });
      expect(wrong.result.result).toContain("401 This is not one of codexd's own API keys");
    }, 90_000);

    test('a plan that is used up is shown once, as the limit it is', async () => {
      await using daemon = await startDaemon({ simulator });
      simulator.requests.length = 0;
      simulator.script({ refusal: 'usage_limit_reached' });
      const run = await ask(daemon, 'any');
      expect(run.result).toMatchObject({ is_error: true });
      expect(run.result.result).toMatch(/^You've hit your 5-hour limit · resets /);
      expect(limitOf(run)).toMatchObject({ status: 'rejected', rateLimitType: 'five_hour' });
      expect(simulator.requests.filter(isTurn)).toHaveLength(1);
    }, 90_000);

    test("a limit of codexd's own is not shown as the plan's", async () => {
      const env = { CODEXD_SERVER_RATE_LIMIT_PER_MINUTE: '1', CODEXD_SERVER_API_KEY: 'a-key-of-its-own' };
      await using daemon = await startDaemon({ simulator, env });
      const headers = { 'x-api-key': 'a-key-of-its-own' };
      expect((await fetch(`${daemon.url}/v1/models`, { headers })).status).toBe(200);
      const child = await runClaude(path, daemon.url, 'say yes', {
        env: { ANTHROPIC_AUTH_TOKEN: gatewayToken('a-key-of-its-own'), CLAUDE_CODE_MAX_RETRIES: '0' },
      });
      expect(child.result.result).toContain('not your usage limit');
      expect(child.result.result).toContain('limited to 1 requests per minute');
    }, 90_000);
  });

  test('a missing login is shown once, with what to run and no other advice', async () => {
    await using daemon = await startDaemon({ simulator: world.simulator, login: false });
    const { result } = await runClaude(path, daemon.url, 'say yes');
    expect(result).toMatchObject({ is_error: true });
    expect(result.result).toMatch(/^API Error: 424 .*`?codexd login/);
    expect(result.result).not.toMatch(/server-side|temporary|\/login/);
    expect(turns()).toHaveLength(0);
  }, 90_000);
});

const smallPdf = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj
trailer<</Root 1 0 R>>
%%EOF
`;

function bash(command: string) {
  return { name: 'Bash', arguments: { command, description: 'runs it' } };
}

function isTurn({ method, path }: RecordedRequest): boolean {
  return method === 'POST' && path.endsWith('/codex/responses');
}
