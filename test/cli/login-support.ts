// Helpers for the tests of login, logout and status: a recording terminal, and logins in a directory of their own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AuthFile } from '../../src/auth/store.ts';
import type { LoginDeps } from '../../src/cli/login.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { createFetch } from '../../src/upstream/transport.ts';
import { clientId, temporaryDirectory, testLocks } from '../auth/support.ts';

export interface FakeTerminal extends Terminal {
  out(): string;
  err(): string;
  opened: string[];
}

export function fakeTerminal(
  answers: {
    stdin?: string;
    /** What is typed after each prompt; nothing once the list is empty. */
    lines?: (string | Promise<string>)[];
    /** Simulates the browser; false if there is none. */
    browse?: (url: string) => Promise<boolean>;
  } = {},
): FakeTerminal {
  const written = { out: '', err: '' };
  const opened: string[] = [];
  const output = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTty: false,
    color: false,
    columns: 80,
  });
  return {
    stdout: output('out'),
    stderr: output('err'),
    out: () => written.out,
    err: () => written.err,
    opened,
    openStdin: () => undefined,
    readStdin: async () => answers.stdin,
    async readLine(prompt, signal) {
      written.err += prompt;
      const line = answers.lines?.shift();
      if (line !== undefined) return line;
      return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(undefined)));
    },
    async openBrowser(url) {
      opened.push(url);
      return answers.browse ? answers.browse(url) : false;
    },
  };
}

/** A browser that follows redirects until it gets a page. */
export async function browse(url: string): Promise<string> {
  const answer = await fetch(url);
  return answer.text();
}

/** A simulated issuer, a home directory, and everything else the commands need. */
export function world(terminal: FakeTerminal = fakeTerminal()) {
  const simulator = startSimulator({ seed: 1 });
  const directory = temporaryDirectory();
  const deps: LoginDeps = {
    terminal,
    server: {
      issuer: simulator.issuer,
      clientId,
      originator: 'codexd',
      userAgent: 'codexd/0.1.0 (linux; x64)',
      fetch: createFetch({ proxy: undefined, ca: undefined }),
    },
    locks: testLocks(),
    now: Date.now,
    sleep: () => Bun.sleep(1),
    ownFile: join(directory.path, 'state', 'codexd', 'default', 'auth.json'),
    codexFile: join(directory.path, 'codex', 'auth.json'),
    randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
    overSsh: false,
    overriddenBy: undefined,
  };
  return {
    simulator,
    directory: directory.path,
    deps,
    saved: () => JSON.parse(readFileSync(deps.ownFile, 'utf8')) as AuthFile,
    put(path: string, auth: object) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, JSON.stringify(auth));
    },
    /** The request without headers that the transport adds. */
    sent: () =>
      simulator.requests.map(({ method, path, headers, body }) => {
        const { host, connection, accept, 'accept-encoding': _, 'content-length': __, ...own } = headers;
        return { method, path, headers: own, body };
      }),
    async [Symbol.asyncDispose]() {
      await simulator.stop();
      directory[Symbol.dispose]();
    },
  };
}
