// `codexd ask` and `explain` in a pipeline, without a daemon or a login file, against the simulated upstream.
import { describe, expect, test } from 'bun:test';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ScriptedTurn, startSimulator } from '../../src/simulator/simulator.ts';
import { emptyHome, runCodexd, spawnCodexd, startCodexd } from '../cli/process.ts';
import { clientOf, isTurn, startDaemon, turnsSent } from '../clients/daemon.ts';
import { useSimulator } from '../support/simulator.ts';

const simulator = useSimulator();

const env = () => ({ CODEXD_UPSTREAM: simulator.upstream, CODEXD_BEARER: simulator.login().access_token });

function ask(words: string[], stdin?: string) {
  return runCodexd(['ask', ...words], { env: env(), ...(stdin === undefined ? {} : { stdin }) });
}

describe('the answer', () => {
  test('is the only text on stdout', async () => {
    const { out, err, exitCode } = await ask(['Say plover.']);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('plover');
    expect(out).toEndWith('\n');
  });

  test('git diff | codexd ask "…": sends the diff and streams the answer', async () => {
    const repository = emptyHome();
    const git = (...args: string[]) => Bun.spawnSync(['git', '-C', repository, ...args]).stdout.toString();
    git('init', '--quiet');
    await Bun.write(join(repository, 'a.txt'), 'one\n');
    git('add', '.');
    await Bun.write(join(repository, 'a.txt'), 'two\n');
    const diff = git('diff');
    expect(diff).toContain('+two');

    simulator.script({ text: 'It says two now. '.repeat(20), paceMs: 20 });
    const asking = startCodexd(['ask', 'What changed?'], { env: env(), stdin: diff });
    await asking.says('out', /It says/);
    expect(asking.out()).not.toContain('It says two now. It says two now. It says two now.');
    expect(await asking.exited).toBe(0);
    expect(asking.out()).toBe(`${'It says two now. '.repeat(20)}\n`);
    expect(turnsSent(simulator)[0]!.body.input).toMatchObject([
      { role: 'user', content: [{ type: 'input_text', text: `What changed?\n\n${diff.trimEnd()}` }] },
    ]);
  });

  test('piped input is appended to the prompt, or is the prompt', async () => {
    expect((await ask(['Repeat this:'], 'whimbrel')).out).toContain('whimbrel');
    expect((await ask([], 'Say godwit.')).out).toContain('godwit');
  });

  test('-m, -e, -s, -i and --schema reach the upstream', async () => {
    const home = emptyHome();
    const png =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    const image = join(home, 'picture.jpg'); // the extension is wrong, but the content counts
    await Bun.write(image, Buffer.from(png, 'base64'));
    const schema = { type: 'object', properties: { bird: { type: 'string' } }, required: ['bird'] };
    await Bun.write(join(home, 'schema.json'), JSON.stringify(schema));
    const flags = ['-m', 'gpt-5.5', '-e', 'high', '-s', 'Be brief.', '-i', image];
    const { out, exitCode } = await ask([...flags, '--schema', join(home, 'schema.json'), 'Which "plover"?']);
    expect([exitCode, JSON.parse(out)]).toEqual([0, { bird: 'plover' }]);
    const { body } = turnsSent(simulator)[0]!;
    expect(body).toMatchObject({
      model: 'gpt-5.5',
      instructions: 'Be brief.',
      reasoning: { effort: 'high' },
    });
    expect(body.text).toMatchObject({ format: { type: 'json_schema', schema } });
    expect(body.input[0]!.content).toMatchObject([
      { type: 'input_text' },
      { type: 'input_image', image_url: `data:image/png;base64,${png}` },
    ]);
  });

  test('--json prints one object with the text and its usage', async () => {
    const { out, exitCode } = await ask(['--json', 'Say plover.']);
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ text: expect.stringContaining('plover'), status: 'completed' });
    expect(JSON.parse(out).usage.output_tokens).toBeGreaterThan(0);
  });
});

describe('exit codes', () => {
  const fixture = (name: string) => ({ fixture: join(import.meta.dir, '../fixtures/turns', `${name}.sse`) });
  const refused = { error: { message: 'Not for you.', code: 'insufficient_permissions' } };
  const cases: [string, number, ScriptedTurn[], RegExp][] = [
    ['an answer that was cut', 1, [fixture('incomplete-max-tokens')], /incomplete/],
    ['a refused account', 4, [{ status: 403, body: refused }], /Not for you/],
    ['a plan without Codex', 4, [{ refusal: 'usage_not_included' }], /plan/],
    ['an answer that refuses', 4, [fixture('refusal')], /^$/],
    ['an upstream that broke', 5, [{ status: 502, body: 'bad gateway', repeat: 4 }], /502/],
    [
      'a cut connection',
      5,
      [{ ...fixture('long-text'), cutAfterBytes: 30_000, paceMs: 1 }],
      /before the response was complete/,
    ],
    ['a usage limit', 6, [{ refusal: 'usage_limit_reached' }], /limit/],
    ['a challenge', 4, [{ fault: 'challenge' }], /Cloudflare/],
  ];
  test.each(cases)('%s: %d', async (_, exitCode, lines, says) => {
    simulator.script(...lines);
    const ended = await ask(['Hello.']);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.err).toMatch(says);
  });

  test('an unknown model 1, no prompt 2, an unknown flag 2, no login 3', async () => {
    expect((await ask(['-m', 'nope', 'x'])).exitCode).toBe(1);
    expect((await ask([])).exitCode).toBe(2);
    expect((await ask(['--nonsense'])).exitCode).toBe(2);
    const { exitCode, err } = await runCodexd(['ask', 'x'], { env: { CODEXD_UPSTREAM: simulator.upstream } });
    expect(exitCode).toBe(3);
    expect(err).toContain('codexd login');
  });

  test('unreachable upstream 5, timeout 5', async () => {
    const gone = startSimulator();
    await gone.stop();
    const quick = { ...env(), CODEXD_UPSTREAM_RETRIES: '0' };
    const unreachable = await runCodexd(['ask', 'x'], { env: { ...quick, CODEXD_UPSTREAM: gone.upstream } });
    expect(unreachable.exitCode).toBe(5);
    simulator.script({ fault: 'stall' });
    const slow = { ...quick, CODEXD_UPSTREAM_FIRST_BYTE_TIMEOUT_SECONDS: '0.05' };
    expect((await runCodexd(['ask', 'x'], { env: slow })).exitCode).toBe(5);
  });

  test('Ctrl-C in mid stream 130, and the upstream connection is closed', async () => {
    simulator.script({ text: 'one two three '.repeat(1000), paceMs: 5 });
    const asking = startCodexd(['ask', 'Count.'], { env: env() });
    await asking.says('out', /one two/);
    asking.kill('SIGINT');
    expect(await asking.exited).toBe(130);
    await simulator.waitFor((request) => isTurn(request) && request.abortedAtMs !== undefined);
  });

  test('a failure with --json is one object on stderr', async () => {
    simulator.script({ refusal: 'usage_limit_reached' });
    const { out, err, exitCode } = await ask(['--json', 'Hello.']);
    expect([out, exitCode]).toEqual(['', 6]);
    expect(JSON.parse(err).error).toMatchObject({ kind: 'rate_limited', code: 'usage_limit_reached' });
  });

  test('a used-up plan says when it resets, in local time', async () => {
    simulator.script({ refusal: 'usage_limit_reached' });
    const { err } = await runCodexd(['ask', 'Hello.'], { env: { ...env(), TZ: 'Asia/Tokyo' } });
    const [, date = '', clock, span] =
      /Try again at (20[\d-]+ )?(\d\d:\d\d) \(in (10 h 10 min)\)/.exec(err) ?? [];
    // The simulated upstream's limit ends in 10 h 10 min 40 s.
    const tokyo = new Date(Date.now() + 36_640_000 + 9 * 3_600_000).toISOString();
    expect({ clock, span }).toEqual({ clock: tokyo.slice(11, 16), span: '10 h 10 min' });
    if (date !== '') expect(tokyo).toStartWith(date.trim());
  });

  test('a reader that closes the pipe is not a failure: ask … | head -1', async () => {
    simulator.script({ text: 'one\ntwo\n'.repeat(200), paceMs: 1 });
    const asking = spawnCodexd(['ask', 'Count.'], { env: env() });
    const reader = asking.stdout.getReader();
    await reader.read();
    await reader.cancel();
    expect(await asking.exited).toBe(0);
    expect(await asking.stderr.text()).toBe('');
    await simulator.waitFor((request) => isTurn(request) && request.abortedAtMs !== undefined);
  });
});

describe('codexd explain', () => {
  test('shows what goes upstream, and sends nothing', async () => {
    const body = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi.' }], temperature: 0.3 };
    const { out, exitCode } = await runCodexd(['explain', '--json', '-'], {
      env: env(),
      stdin: JSON.stringify(body),
    });
    expect(exitCode).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      target: `POST ${simulator.upstream}/codex/responses`,
      headers: { authorization: 'Bearer [redacted]', originator: 'codexd' },
      body: { model: 'gpt-5.5', stream: true, store: false },
      dropped: [{ field: 'temperature' }],
    });
    expect(simulator.requests).toEqual([]);
  });

  test('the request it shows is the one that ask sends', async () => {
    const body = { model: 'gpt-5.5', input: 'Say plover.', reasoning: { effort: 'high' } };
    const explained = await runCodexd(['explain', '--json', '-'], {
      env: env(),
      stdin: JSON.stringify(body),
    });
    await using daemon = await startDaemon({ simulator });
    await clientOf(daemon).responses.create(body as never);
    const [turn] = turnsSent(simulator);
    const shown = JSON.parse(explained.out);
    expect(turn!.body).toEqual(shown.body);
    const { authorization: _, ...headers } = shown.headers;
    expect(turn!.headers).toMatchObject(headers);
  });
});

test('a login that cannot be refreshed is reported once, and status does not call it refreshable', async () => {
  const home = emptyHome();
  const { id_token, access_token, refresh_token } = simulator.login({ expiresInS: -60 });
  const directory = join(home, '.local/state/codexd/default');
  mkdirSync(directory, { recursive: true });
  const tokens = { id_token, access_token, refresh_token };
  writeFileSync(join(directory, 'auth.json'), JSON.stringify({ auth_mode: 'chatgpt', tokens }));
  const nowhere = ['--upstream', 'http://127.0.0.1:9', '--issuer', 'http://127.0.0.1:9'];
  const { err, exitCode } = await runCodexd(['ask', 'hi', ...nowhere], { home });
  expect(err.match(/is not reachable/g)).toHaveLength(1);
  expect(err).not.toContain('warn');
  expect(exitCode).toBe(5);

  simulator.script({ for: 'oauth/token', refusal: 'refresh_token_reused' });
  const args = ['status', '--json', '--upstream', simulator.upstream, '--issuer', simulator.issuer];
  const shown = JSON.parse((await runCodexd(args, { home })).out);
  expect(shown).toMatchObject({ login: { renewable: false }, problem: { code: 'refresh_token_reused' } });
});
