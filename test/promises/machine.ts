// A machine with one user: a home directory with a Codex login, a simulated upstream, and a shell with `codexd` on
// PATH.

import { afterAll } from 'bun:test';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { codexdCommand, emptyHome, type RunningCodexd, startCodexd } from '../cli/process.ts';
import { type Ran, runProgram } from '../support/run-program.ts';
import { useSimulator } from '../support/simulator.ts';

export interface RunningServer {
  url: string;
  err(): string;
  stop(): Promise<void>;
}

export interface Machine {
  simulator: Simulator;
  home: string;
  env: Record<string, string>;
  /** Runs a line as a user would type it; `address` replaces the one in the document. */
  run(line: string, options?: { env?: Record<string, string>; address?: string; cwd?: string }): Promise<Ran>;
  /** Starts the daemon with the given line, on a free port. */
  serve(line: string, env?: Record<string, string>): Promise<RunningServer>;
}

/** The servers' addresses in the documents' examples. */
const addresses =
  /https?:\/\/(?:localhost|127\.0\.0\.1|your-worker(?:\.your-subdomain)?\.workers\.dev|asr\.example\.com)(?::\d+)?/g;

export function useMachine(): Machine {
  const simulator = useSimulator();
  const home = emptyHome();
  const tokens = simulator.login();
  mkdirSync(join(home, '.codex'));
  writeFileSync(join(home, '.codex/auth.json'), loginFile(tokens), { mode: 0o600 });
  const env = { CODEXD_UPSTREAM: simulator.upstream, CODEXD_ISSUER: simulator.issuer };
  const bin = emptyHome();
  const program = join(bin, 'codexd');
  writeFileSync(program, `#!/bin/sh\nexec ${codexdCommand.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(program, 0o755);
  const shellEnv = { HOME: home, PATH: `${bin}${delimiter}${process.env.PATH}`, ...env };
  const daemons: RunningCodexd[] = [];
  afterAll(async () => {
    for (const daemon of daemons) daemon.kill('SIGKILL');
  });
  return {
    simulator,
    home,
    env,
    async run(line, { env: more = {}, address, cwd = home } = {}) {
      const text = address === undefined ? line : line.replaceAll(addresses, address);
      return runProgram(['sh', '-c', text], { cwd, env: { ...shellEnv, ...more } });
    },
    async serve(line, more = {}) {
      const { argv, variables } = serveLine(line);
      const daemon = startCodexd(argv, { home, env: { ...env, ...variables, ...more } });
      daemons.push(daemon);
      const [, url] = await daemon.says('err', /^listening on http:\/\/(\S+)$/m);
      return {
        url: `http://${url!.replace('0.0.0.0', '127.0.0.1')}`,
        err: daemon.err,
        async stop() {
          daemon.kill('SIGTERM');
          await daemon.exited;
        },
      };
    },
  };
}

/** The words of a line such as `NAME=value codexd serve --port 8788`, with a free port instead of the given one. */
function serveLine(line: string): { argv: string[]; variables: Record<string, string> } {
  const words = line.split(' ');
  const start = words.indexOf('codexd');
  const variables = Object.fromEntries(words.slice(0, start).map((word) => word.split('=', 2)));
  for (const name of Object.keys(variables)) if (name.endsWith('_PORT')) variables[name] = '0';
  const argv = words.slice(start + 1).map((word, index, all) => (isPortOption(all[index - 1]) ? '0' : word));
  const names = ['--port', '-p', '--listen'];
  const hasPort = argv.some((word) => names.includes(word)) || 'CODEX_AS_API_PORT' in variables;
  return { argv: hasPort ? argv : [...argv, '--port', '0'], variables };
}

function isPortOption(word: string | undefined): boolean {
  return word === '--port' || word === '-p';
}

export function loginFile(tokens: object): string {
  return JSON.stringify({ auth_mode: 'chatgpt', tokens, last_refresh: new Date().toISOString() });
}
