// The real Codex CLI, as users run it: installed from npm once, not part of the project.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installFromNpm } from '../support/install.ts';
import { startProgram } from '../support/run-program.ts';

const version = '0.171.0';

/** The program, installed if necessary, or the reason why it is missing. `CODEXD_TEST_CODEX` selects another one. */
export function installCodex(): { path: string } | { why: string } {
  const given = process.env.CODEXD_TEST_CODEX;
  if (given !== undefined) return { path: given };
  const directory = installFromNpm(`codex-${version}`, [`@openai/codex@${version}`]);
  if (directory === undefined) return { why: `npm could not install Codex ${version}` };
  const path = join(directory, 'node_modules/.bin/codex');
  const says = Bun.spawnSync([path, '--version'], { env: { PATH: process.env.PATH ?? '', HOME: directory } });
  return says.success ? { path } : { why: `Codex ${version} does not run on this machine` };
}

export interface CodexRun {
  exitCode: number;
  /** The events of `--json`. */
  events: { type: string; [key: string]: unknown }[];
  stderr: string;
}

/** Runs `codex exec PROMPT` in a home directory of its own with this `config.toml`, without this machine's settings. */
export async function runCodex(
  path: string,
  prompt: string,
  { config, args = [], auth }: { config: string; args?: string[]; auth?: string },
): Promise<CodexRun> {
  const home = mkdtempSync(join(tmpdir(), 'codexd-codex-home-'));
  const codexHome = join(home, '.codex');
  mkdirSync(codexHome);
  writeFileSync(join(codexHome, 'config.toml'), config);
  if (auth !== undefined) writeFileSync(join(codexHome, 'auth.json'), auth);
  const program = startCodex(path, ['exec', '--json', '--skip-git-repo-check', ...args, prompt], {
    cwd: home,
    home,
  });
  const { out, err: stderr, exitCode } = await program.ended;
  return { exitCode, events: eventsIn(out), stderr };
}

/** The events of `--json`. */
export function eventsIn(out: string): CodexRun['events'] {
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}

/** Starts Codex in this home directory. It is killed after a minute. */
export function startCodex(path: string, args: string[], { cwd, home }: { cwd: string; home: string }) {
  const env = { PATH: process.env.PATH ?? '/usr/bin:/bin', HOME: home, TERM: 'dumb', LANG: 'C.UTF-8' };
  return startProgram([path, ...args], { cwd, env, timeoutMs: 60_000 });
}

/** Codex's `auth.json` with these tokens. */
export function authJson(tokens: object): string {
  return JSON.stringify({ auth_mode: 'chatgpt', tokens, last_refresh: new Date().toISOString() });
}
