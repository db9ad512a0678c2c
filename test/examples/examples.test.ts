// The programs of examples/, unchanged except for the address, against `codexd serve --demo`. Those of examples/library
// are run by test/library/package.test.ts. Python ones run if their packages are installed; scripts/check-examples
// installs all of them.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { codexdCommand, emptyHome } from '../cli/process.ts';
import { type RunningDaemon, startDaemon } from '../clients/daemon.ts';
import { fileWith, spoken, spokenText } from '../clients/speech-support.ts';
import { runProgram } from '../support/run-program.ts';
import { useSimulator } from '../support/simulator.ts';

const root = join(import.meta.dir, '../..');
const directory = emptyHome();
const voice = fileWith(spoken);
const simulator = useSimulator();
let daemon: RunningDaemon;

beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(directory, 'node_modules'));
  daemon = await startDaemon({ args: ['--demo'] });
});
afterAll(() => daemon.stop());

async function run(program: string, file: string, args: string[] = [], env: Record<string, string> = {}) {
  const text = readFileSync(join(root, 'examples', file), 'utf8');
  writeFileSync(join(directory, file), text.replaceAll('http://127.0.0.1:8787', daemon.url));
  return runProgram([program, file, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH ?? '', HOME: directory, LITELLM_LOCAL_MODEL_COST_MAP: 'True', ...env },
  });
}

/** The output of each program in demo mode. */
const prints: Record<string, string | RegExp> = {
  'openai-chat.mjs': 'You said: “Why is the sky blue?”.',
  'openai-tools.mjs': /./,
  'openai-transcribe.mjs': spokenText,
  'anthropic-messages.mjs': /“Why is the sky blue\?”[\s\S]*\n\d+ tokens in, \d+ out\n$/,
  'ollama-chat.mjs': '“Why is the sky blue?”',
  'openai_chat.py': '“Why is the sky blue?”',
  'openai_structured.py': /^\S.*: \d+ cm\n$/,
  'openai_transcribe.py': spokenText,
  'anthropic_messages.py': '“Why is the sky blue?”',
  'ollama_chat.py': '“Why is the sky blue?”',
  'litellm_chat.py': '“Why is the sky blue?”',
  'langchain_chat.py': /./,
};
const files = readdirSync(join(root, 'examples'));

function expectPrinted(file: string, { exitCode, out, err }: Awaited<ReturnType<typeof run>>): void {
  expect({ exitCode, err: exitCode === 0 ? '' : err }).toEqual({ exitCode: 0, err: '' });
  expect(out).toMatch(prints[file]!);
}

describe('Node', () => {
  test.each(files.filter((file) => file.endsWith('.mjs')))('%s', async (file) => {
    const ran = await run('node', file, [voice]);
    expectPrinted(file, ran);
    if (file === 'openai-tools.mjs') expect(ran.err).toMatch(/^get_weather \{.*\} = \{"city":.*"celsius":21/);
  });
});

describe('Python', () => {
  const interpreters = ['python-examples', 'python-sdks', 'python-ollama-0.6.1']
    .map((name) => join(root, '.tools', name, 'bin/python'))
    .filter((path) => existsSync(path));
  const modulesOf = (file: string) =>
    [...readFileSync(join(root, 'examples', file), 'utf8').matchAll(/^(?:from|import) (\w+)/gm)].map(
      ([, name]) => name!,
    );
  const interpreterFor = (file: string) => {
    const check = `import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, sys.argv[1:])))`;
    return interpreters.find((path) => Bun.spawnSync([path, '-c', check, ...modulesOf(file)]).exitCode === 0);
  };

  for (const file of files.filter((file) => file.endsWith('.py'))) {
    const python = interpreterFor(file);
    if (python === undefined)
      console.log(`${file} is skipped: scripts/check-examples installs ${modulesOf(file).join(', ')}.`);
    test.skipIf(python === undefined)(
      file,
      async () => expectPrinted(file, await run(python ?? '', file, [voice])),
      60_000,
    );
  }
});

describe('the shell', () => {
  test('curl.sh', async () => {
    const { exitCode, out, err } = await run('sh', 'curl.sh', [voice]);
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    const parts = [
      '"object":"chat.completion"',
      'event: response.completed',
      '"type":"message"',
      '"done":true',
    ];
    for (const part of [...parts, spokenText, '"object":"list"']) expect(out).toContain(part);
  });

  test('pipelines.sh', async () => {
    const program = join(directory, 'codexd');
    writeFileSync(program, `#!/bin/sh\nexec ${codexdCommand.map((word) => `'${word}'`).join(' ')} "$@"\n`);
    chmodSync(program, 0o755);
    const { exitCode, out, err } = await run('sh', 'pipelines.sh', [voice], {
      PATH: `${directory}${delimiter}${process.env.PATH}`,
      CODEXD_UPSTREAM: simulator.upstream,
      CODEXD_ISSUER: simulator.issuer,
      CODEXD_BEARER: simulator.login().access_token,
    });
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('Write a release note for this commit.');
    expect(out).toContain('Summarise this in one sentence.');
    expect(out).toContain(spokenText);
    expect(out).toContain('"model":"gpt-6.2-sol"');
    expect(out).toEndWith('logged in\n');
  });
});

test('examples/README.md lists every example', () => {
  const page = readFileSync(join(root, 'examples/README.md'), 'utf8');
  const listed = [...page.matchAll(/\]\(([\w/-]+\.\w+)\)/g)].map(([, file]) => file!);
  const library = readdirSync(join(root, 'examples/library')).map((file) => `library/${file}`);
  expect(listed.sort()).toEqual(
    [...files.filter((file) => /\.\w+$/.test(file) && file !== 'README.md'), ...library].sort(),
  );
});
