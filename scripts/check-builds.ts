// Tries the binaries in dist/ and prints a table; `scripts/check-builds` runs it and says how.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourceCommit } from './packaging/commit.ts';
import { countWrongPages } from './packaging/macos-signature.ts';
import { findRunner, type Runner } from './packaging/runners.ts';
import { binaryName, isTarget, type Target, targets } from './packaging/targets.ts';

const root = join(import.meta.dir, '..');
const dist = join(root, 'dist');
const tools = join(root, '.tools/emulators');
/** Emulators take their time. */
const limitMs = 120_000;

interface Outcome {
  target: string;
  means: string;
  /** What was tried, and whether it worked. */
  results: string[];
  failed: boolean;
}

const words = process.argv.slice(2);
const chosen = words.includes('--all') ? targets : words.filter(isTarget);
const outcomes: Outcome[] = [];
for (const target of chosen) {
  const binary = join(dist, binaryName(target));
  const found = findRunner(target, dist, tools);
  const signature = target.startsWith('darwin-') ? [checkSignature(binary)] : [];
  if ('reason' in found) {
    const failed = signature.some(({ failed }) => failed);
    const results = [...signature.map(({ text }) => text), `not run: ${found.reason}`];
    outcomes.push({ target, means: '-', results, failed });
  } else outcomes.push({ target, ...(await tryOut(target, found)) });
}

outcomes.push(await buildElsewhere(chosen[0]!));

const width = (of: (outcome: Outcome) => string) =>
  Math.max(...outcomes.map((outcome) => of(outcome).length));
const [first, second] = [width(({ target }) => target), width(({ means }) => means)];
for (const { target, means, results, failed } of outcomes) {
  console.log(
    `${failed ? 'FAILED' : 'ok    '}  ${target.padEnd(first)}  ${means.padEnd(second)}  ${results.join(', ')}`,
  );
}
if (outcomes.some(({ failed }) => failed)) process.exit(1);

/** A copy of the sources in another directory, with packages of its own, must make the same binary. */
async function buildElsewhere(target: Target): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-elsewhere-'));
  try {
    await Bun.$`git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t ${folder}`.cwd(
      root,
    );
    symlinkSync(join(root, '.tools'), join(folder, '.tools'));
    const env = { ...process.env, BUILD_COMMIT: sourceCommit() };
    await Bun.$`./scripts/bun.sh install --frozen-lockfile && ./scripts/build ${target}`
      .cwd(folder)
      .env(env)
      .quiet();
    const same = hashOf(join(folder, 'dist', binaryName(target))) === hashOf(join(dist, binaryName(target)));
    const result = same ? 'the same bytes' : 'other bytes';
    return { target, means: 'built elsewhere', results: [result], failed: !same };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function checkSignature(binary: string): { text: string; failed: boolean } {
  const wrong = countWrongPages(readFileSync(binary));
  return { text: wrong === 0 ? 'signature' : `${wrong} pages do not match the signature`, failed: wrong > 0 };
}

async function tryOut(target: string, runner: Runner): Promise<Omit<Outcome, 'target'>> {
  const { means } = runner;
  const results: string[] = [];
  const home = mkdtempSync(join(tmpdir(), 'codexd-check-'));
  try {
    await checkVersion(target, runner, home);
    results.push('--version');
    await withDaemon(runner, home, async (url) => {
      await checkChat(url);
      results.push('a streamed turn');
      await checkSilk(url);
      results.push('a SILK recording');
    });
    // Wine ends Windows programs without their help.
    if (means !== 'Wine') results.push('SIGTERM');
    return { means, results, failed: false };
  } catch (thrown) {
    return { means, results: [...results, (thrown as Error).message], failed: true };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

function spawn({ command, env }: Runner, argv: string[], home: string) {
  return Bun.spawn([...command, ...argv], {
    env: { PATH: process.env.PATH ?? '', HOME: home, ...env },
    cwd: home,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: limitMs,
  });
}

async function checkVersion(target: string, runner: Runner, home: string): Promise<void> {
  const child = spawn(runner, ['--version', '--json'], home);
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const output = out === '' ? undefined : JSON.parse(out);
  if (output?.target !== target)
    throw new Error(`--version failed: ${out.trim()} ${err.trim().split('\n').at(-1)}`);
}

async function withDaemon(runner: Runner, home: string, use: (url: string) => Promise<void>): Promise<void> {
  const daemon = spawn(runner, ['serve', '--demo', '--listen', '127.0.0.1:0', '--ready-file', 'ready'], home);
  const output = new Response(daemon.stderr).text();
  try {
    const ready = join(home, 'ready');
    const deadline = Date.now() + limitMs;
    while (!existsSync(ready) || readFileSync(ready, 'utf8').trim() === '') {
      if (daemon.exitCode !== null || Date.now() > deadline) {
        daemon.kill('SIGKILL');
        throw new Error(`the daemon did not start: ${(await output).trim().split('\n').at(-1)}`);
      }
      await Bun.sleep(50);
    }
    await use(/http:\/\/\S+/.exec(readFileSync(ready, 'utf8'))![0]);
    daemon.kill('SIGTERM');
    const status = await daemon.exited;
    if (status !== 0 && runner.means !== 'Wine') throw new Error(`the daemon ended with status ${status}`);
  } finally {
    daemon.kill('SIGKILL');
  }
}

async function checkChat(url: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'gpt-5.5',
      stream: true,
      messages: [{ role: 'user', content: 'Say plover.' }],
    }),
    signal: AbortSignal.timeout(limitMs),
  });
  const text = await response.text();
  const deltas = [...text.matchAll(/^data: (\{.*)$/gm)].map(
    ([, json]) => JSON.parse(json!).choices[0]?.delta?.content ?? '',
  );
  if (!deltas.join('').includes('plover') || !text.includes('data: [DONE]')) {
    throw new Error(`the streamed turn failed (${response.status}): ${text.slice(0, 200)}`);
  }
}

async function checkSilk(url: string): Promise<void> {
  const form = new FormData();
  const recording = readFileSync(join(root, 'test/fixtures/silk/20ms-plain.silk'));
  form.set('file', new File([new Uint8Array(recording)], 'voice.silk'));
  form.set('model', 'whisper-1');
  const response = await fetch(`${url}/v1/audio/transcriptions`, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(limitMs),
  });
  const text = await response.text();
  if (!response.ok || !JSON.parse(text).text)
    throw new Error(`SILK failed (${response.status}): ${text.slice(0, 200)}`);
}
