import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { browserCommand } from '../../src/cli/terminal.ts';
import type { Env } from '../../src/config/env.ts';

const url = 'https://auth.openai.com/x?a=1&b=2';

const browsers: [string, Env, string, string[] | undefined][] = [
  ['macOS', {}, 'darwin', ['open', url]],
  ['Windows, where cmd would split at &', {}, 'win32', ['rundll32', 'url.dll,FileProtocolHandler', url]],
  ['Linux with a display', { DISPLAY: ':0' }, 'linux', ['xdg-open', url]],
  ['Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', ['xdg-open', url]],
  ['without a display there is no browser', {}, 'linux', undefined],
  ['BROWSER decides', { BROWSER: '/bin/b' }, 'linux', ['/bin/b', url]],
];
test.each(browsers)('browser: %s', (_, env, platform, command) => {
  expect(browserCommand(url, env, platform)).toEqual(command);
});

/** Runs a script over the real terminal of a child process. */
async function inChild(
  script: string,
  options: { stdin?: string | 'ignore'; env?: Record<string, string> } = {},
) {
  const terminal = join(import.meta.dir, '../../src/cli/terminal.ts');
  const code = `import { processTerminal } from ${JSON.stringify(terminal)}; const terminal = processTerminal(process.env); ${script}; process.exit(0)`;
  const child = Bun.spawn([process.execPath, '-e', code], {
    env: { PATH: process.env.PATH ?? '', ...options.env },
    stdin: options.stdin === undefined || options.stdin === 'ignore' ? 'ignore' : new Blob([options.stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { out, err };
}

describe('stdin', () => {
  const print = 'process.stdout.write(JSON.stringify(await terminal.readStdin()) ?? "nothing")';
  test('piped text is read whole', async () => {
    expect((await inChild(print, { stdin: 'a\nb' })).out).toBe('"a\\nb"');
  });
  test('/dev/null counts as no input', async () => {
    expect((await inChild(print)).out).toBe('nothing');
  });
});

describe('stdin as bytes', () => {
  const print = `const stream = terminal.openStdin();
    process.stdout.write(stream === undefined ? 'nothing' : Buffer.from(await new Response(stream).bytes()).toString('hex'))`;
  test('a pipe, all of it', async () => {
    expect((await inChild(print, { stdin: 'a\0b' })).out).toBe('610062');
  });
  test('/dev/null counts as no input', async () => {
    expect((await inChild(print)).out).toBe('nothing');
  });
});

describe('readLine', () => {
  const print = 'process.stdout.write(JSON.stringify(await terminal.readLine("paste: ")) ?? "nothing")';
  test('returns one line, with the prompt on stderr', async () => {
    const { out, err } = await inChild(print, { stdin: 'http://x\nmore\n' });
    expect(out).toBe('"http://x"');
    expect(err).toContain('paste: ');
  });
  test('the end of input returns undefined and does not hang', async () => {
    expect((await inChild(print)).out).toBe('nothing');
  });
  test('an aborted signal stops the wait', async () => {
    const { out } = await inChild(
      'process.stdout.write(String(await terminal.readLine("", AbortSignal.timeout(1))))',
      { stdin: '' },
    );
    expect(out).toBe('undefined');
  });
});

test('a pipe is not a terminal and has no colours', async () => {
  const { out } = await inChild(
    'const { isTty, color } = terminal.stdout; process.stdout.write(JSON.stringify([isTty, color]))',
  );
  expect(out).toBe('[false,false]');
});
