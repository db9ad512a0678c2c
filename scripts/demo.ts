// The demo: a daemon as users start it, and a client that uses only HTTP.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prompt = 'Say in one sentence what you are for.';
const startLimitMs = 20_000;

const once = process.argv.includes('--once');
const strange = process.argv.slice(2).find((word) => word !== '--once');
if (strange !== undefined) {
  console.error(`demo: Unknown argument "${strange}".\nThe only option is \`--once\`.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'codexd-demo-'));
const readyFile = join(folder, 'ready');
const daemon = Bun.spawn(
  [
    process.execPath,
    join(import.meta.dir, '../src/main.ts'),
    ...['serve', '--demo', '--listen', '127.0.0.1:0', '--ready-file', readyFile, '--log-level', 'warn'],
  ],
  { stdio: ['ignore', 'inherit', 'inherit'] },
);
// The terminal sends Ctrl-C to the daemon as well, and a second SIGINT would abort its shutdown; a repeated SIGTERM
// does not.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => daemon.kill('SIGTERM'));

try {
  const url = await address();
  console.log(`\n> ${prompt}\n`);
  await printAnswer(url);
  if (once) daemon.kill('SIGTERM');
  else explain(url);
  process.exitCode = await daemon.exited;
} catch (thrown) {
  console.error(`The demo failed: ${thrown instanceof Error ? thrown.message : thrown}`);
  daemon.kill();
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Waits until the daemon has reported where it listens. */
async function address(): Promise<string> {
  for (let waitedMs = 0; waitedMs < startLimitMs; waitedMs += 20) {
    const file = Bun.file(readyFile);
    const url = (await file.exists()) ? /http:\/\/\S+/.exec(await file.text())?.[0] : undefined;
    if (url !== undefined) return url;
    if (daemon.exitCode !== null) throw new Error(`the daemon ended with status ${daemon.exitCode}`);
    await Bun.sleep(20);
  }
  throw new Error(`the daemon was not ready within ${startLimitMs / 1000} s`);
}

/** Prints a streamed chat completion as it arrives. */
async function printAnswer(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer anything' },
    body: JSON.stringify({ model: 'gpt-5.5', stream: true, messages: [{ role: 'user', content: prompt }] }),
    // Bun's proxy variables do not exempt loopback (docs/bun.md#proxy-loopback).
    ...({ proxy: false } as object),
  });
  if (!answer.ok || answer.body === null) throw new Error(`HTTP ${answer.status}: ${await answer.text()}`);
  let text = '';
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of answer.body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.startsWith('data: {')) continue;
      const delta: string = JSON.parse(line.slice('data: '.length)).choices[0]?.delta?.content ?? '';
      text += delta;
      process.stdout.write(delta);
    }
  }
  process.stdout.write('\n');
  if (text === '') throw new Error('the answer was empty');
}

function explain(url: string): void {
  console.log(`
codexd is listening on ${url}, with a simulated upstream behind it. Point a client at it:

  export OPENAI_BASE_URL=${url}/v1 OPENAI_API_KEY=anything

  curl ${url}/v1/chat/completions -H 'content-type: application/json' \\
    -d '{"model": "gpt-5.5", "messages": [{"role": "user", "content": "Hello"}]}'

Ctrl-C ends it.`);
}
