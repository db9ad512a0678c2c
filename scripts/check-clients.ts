// See ./scripts/check-clients. Prints a line per client and exits with 1 if one of them does not get its answer, or if codexd
// leaves something in the home directory.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clients } from '../src/cli/env/clients.ts';
import { installFromNpm, installFromPip } from '../test/support/install.ts';

interface Check {
  /** The directory with the program for PATH; undefined if it could not be installed. */
  programs(): string | undefined;
  /** Arguments of `codexd run CLIENT` that ask for a response to "hello". */
  run: string[];
  /** A command that does so with the file that `--write` has written. */
  written?: string[];
  /** Files that the client itself leaves in the home directory. */
  leaves?: RegExp;
}

const codexd = join(import.meta.dir, '../dist/codexd');
const expected = /You said: “hello/;
const timeoutMs = 180_000;

/** pi requires a newer Node than this machine may have. */
const node = 'node@24.21.0';
const npm = (name: string, ...packages: string[]) => {
  const directory = installFromNpm(name, packages);
  return directory && join(directory, 'node_modules/.bin');
};
/** Scripts of a virtual environment name the directory in which it was made, so these are created again. */
const pip = (name: string, packages: string[], modules: Record<string, string>) => {
  const python = installFromPip(name, packages);
  if (python === undefined) return undefined;
  const directory = join(dirname(python), 'launchers');
  mkdirSync(directory, { recursive: true });
  for (const [program, arguments_] of Object.entries(modules)) {
    writeFileSync(join(directory, program), `#!/bin/sh\nexec '${python}' ${arguments_} "$@"\n`);
    chmodSync(join(directory, program), 0o755);
  }
  return directory;
};

const langchainProgram =
  'from langchain_openai import ChatOpenAI; print(ChatOpenAI(model="gpt-6.2-sol").invoke("hello").content)';
const aiderOptions = ['--no-git', '--yes-always', '--no-check-update', '--analytics-disable', '--no-stream'];

const checks: Record<string, Check> = {
  claude: {
    programs: () => npm('claude-code-2.1.332', '@anthropic-ai/claude-code@2.1.332'),
    run: ['-p', 'hello'],
    written: ['claude', '-p', 'hello'],
    leaves: /^\.(?:claude|cache|local)(?:\/|\.json|$)/,
  },
  codex: {
    programs: () => npm('codex-0.171.0', '@openai/codex@0.171.0'),
    run: ['exec', '--skip-git-repo-check', 'hello'],
    written: ['codex', '-c', 'model_provider=codexd', 'exec', '--skip-git-repo-check', 'hello'],
    leaves: /^\.codex/,
  },
  opencode: {
    programs: () => npm('opencode-1.18.33', 'opencode-ai@1.18.33'),
    run: ['run', 'hello'],
    written: ['opencode', 'run', '-m', 'codexd/gpt-6.2-sol', 'hello'],
    leaves: /^\.(?:cache|config|local|npm|bun)/,
  },
  pi: {
    programs: () => npm('pi-1.6.0', '@earendil-works/pi-coding-agent@1.6.0', node),
    run: ['-p', 'hello'],
    written: ['pi', '--model', 'codexd/gpt-6.2-sol', '-p', 'hello'],
    leaves: /^\.pi/,
  },
  continue: {
    programs: () => npm('continue-1.5.47', '@continuedev/cli@1.5.47', node),
    run: ['-p', 'hello'],
    written: ['sh', '-c', 'cn --config "$HOME/.continue/config.yaml" -p hello'],
    leaves: /^\.continue/,
  },
  llm: {
    programs: () => pip('llm-0.36', ['llm==0.36'], { llm: '-m llm' }),
    run: ['hello'],
    written: ['llm', '-m', 'codexd/gpt-6.2-sol', 'hello'],
    leaves: /^\.config/,
  },
  aider: {
    programs: () => pip('aider-0.86.2', ['aider-chat==0.86.2'], { aider: '-m aider' }),
    run: [...aiderOptions, '--message', 'hello'],
    written: ['aider', ...aiderOptions, '--message', 'hello'],
    leaves: /^\.aider/,
  },
  langchain: {
    programs: () =>
      pip('langchain-openai-1.7.4', ['langchain-openai==1.7.4'], { 'python-with-langchain': '' }),
    run: ['python-with-langchain', '-c', langchainProgram],
  },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(checks);
if (!existsSync(codexd)) {
  console.error('dist/codexd does not exist. Run ./scripts/build first.');
  process.exit(1);
}
let failed = 0;
for (const name of names) {
  const problems = await problemsOf(name, checks[name]);
  failed += problems.length;
  console.log(`${name.padEnd(12)} ${problems.length === 0 ? 'ok' : problems.join('; ')}`);
}
process.exit(failed === 0 ? 0 : 1);

async function problemsOf(name: string, check: Check | undefined): Promise<string[]> {
  if (check === undefined) return ['there is no check for it'];
  const programs = check.programs();
  if (programs === undefined) return ['could not be installed'];
  const problems: string[] = [];

  const home = emptyHome();
  const { stdout } = await runIn(home, programs, [codexd, 'run', '--demo', name, ...check.run]);
  if (!expected.test(stdout)) problems.push('`run` did not print the answer');
  const left = filesIn(home).filter(
    (file) => clients[name]?.launch?.storage !== undefined || check.leaves?.test(file) !== true,
  );
  if (left.length > 0) problems.push(`\`run\` left ${left.join(', ')}`);

  if (check.written) problems.push(...(await problemsOfWritten(name, check.written, programs, check.leaves)));
  return problems;
}

async function problemsOfWritten(
  name: string,
  command: string[],
  programs: string,
  leaves = /^$/,
): Promise<string[]> {
  const home = emptyHome();
  const daemon = Bun.spawn([codexd, 'serve', '--demo', '--listen', '127.0.0.1:0'], {
    env: environment(home, programs),
    stderr: 'pipe',
  });
  try {
    const listen = await addressOf(daemon.stderr);
    const env = (...flags: string[]) =>
      runIn(home, programs, [codexd, 'env', name, '--listen', listen, ...flags]);
    if ((await env('--write')).exitCode !== 0) return ['`env --write` failed'];
    const { stdout } = await runIn(home, programs, command);
    if (!expected.test(stdout)) return ['with the written file, it did not print the answer'];
    if ((await env('--undo')).exitCode !== 0) return ['`env --undo` failed'];
    const left = filesIn(home).filter((file) => !leaves.test(file) && !/^\.cache(?:\/codexd|$)/.test(file));
    return left.length === 0 ? [] : [`\`env\` left ${left.join(', ')}`];
  } finally {
    daemon.kill();
    await daemon.exited;
    rmSync(home, { recursive: true, force: true });
  }
}

function emptyHome(): string {
  return mkdtempSync(join(tmpdir(), 'codexd-check-'));
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true }).map(String).sort();
}

function environment(home: string, programs: string) {
  return {
    PATH: `${programs}:${process.env.PATH}`,
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    PI_OFFLINE: '1',
  };
}

async function runIn(home: string, programs: string, command: string[]) {
  const child = Bun.spawn(command, {
    cwd: mkdtempSync(join(tmpdir(), 'codexd-check-cwd-')),
    env: environment(home, programs),
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    timeout: timeoutMs,
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.text(),
    child.stderr.text(),
    child.exited,
  ]);
  if (exitCode !== 0) console.error(stderr.trimEnd().split('\n').slice(-5).join('\n'));
  return { stdout, exitCode };
}

async function addressOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stderr) {
    text += decoder.decode(chunk, { stream: true });
    const [, address] = /listening on http:\/\/(\S+)/.exec(text) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`The daemon did not start: ${text}`);
}
