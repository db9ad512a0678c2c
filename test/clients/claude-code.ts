// The real Claude Code, as users run it: installed from npm once, not part of the project.

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyHome, runCodexd } from '../cli/process.ts';
import { installFromNpm } from '../support/install.ts';
import { runProgram } from '../support/run-program.ts';

const version = '2.1.332';

/** The program, installed if necessary, or the reason why it is missing. `CODEXD_TEST_CLAUDE` selects another one. */
export function installClaudeCode(): { path: string } | { why: string } {
  const given = process.env.CODEXD_TEST_CLAUDE;
  if (given !== undefined) return { path: given };
  const directory = installFromNpm(`claude-code-${version}`, [`@anthropic-ai/claude-code@${version}`]);
  if (directory === undefined) return { why: `npm could not install Claude Code ${version}` };
  const path = join(directory, 'node_modules/.bin/claude');
  const says = Bun.spawnSync([path, '--version'], {
    env: { PATH: process.env.PATH ?? '', HOME: directory },
  });
  return says.success ? { path } : { why: `Claude Code ${version} does not run on this machine` };
}

export interface ClaudeRun {
  exitCode: number;
  /** What `--output-format json` prints, or the last line of `stream-json`. */
  result: {
    result?: string;
    is_error?: boolean;
    stop_reason?: string;
    num_turns?: number;
    [key: string]: unknown;
  };
  /** Each line of `--output-format stream-json`. */
  events: { type: string; [key: string]: unknown }[];
  stderr: string;
}

/** What `codexd env claude` prints for a daemon at this address. */
export async function printedVariables(url: string, home = emptyHome()): Promise<Record<string, string>> {
  const listen = new URL(url).host;
  const printed = await runCodexd(['env', 'claude', '--json', '--listen', listen], { home });
  return JSON.parse(printed.out).variables;
}

/** A working directory for Claude Code with these files. */
export function createWorkspace(files: Record<string, string> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-claude-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** Runs `claude -p PROMPT` against a daemon, without this machine's settings. */
export async function runClaude(
  path: string,
  url: string,
  prompt: string,
  {
    cwd = createWorkspace(),
    args = [],
    env = {},
    home = mkdtempSync(join(tmpdir(), 'codexd-claude-home-')),
    timeoutMs = 60_000,
  }: { cwd?: string; args?: string[]; env?: Record<string, string>; home?: string; timeoutMs?: number } = {},
): Promise<ClaudeRun> {
  const {
    out,
    err: stderr,
    exitCode,
  } = await runProgram([path, '-p', prompt, '--output-format', 'stream-json', '--verbose', ...args], {
    cwd,
    env: {
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: home,
      TERM: 'dumb',
      LANG: 'C.UTF-8',
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_AUTH_TOKEN: 'local-key',
      ANTHROPIC_MODEL: 'gpt-6-sol',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: 'gpt-6-luna',
      CLAUDE_CODE_MAX_CONTEXT_TOKENS: '272000',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ...env,
    },
    timeoutMs,
  });
  try {
    const events: ClaudeRun['events'] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const result = events.findLast(({ type }) => type === 'result');
    if (result !== undefined) return { exitCode, result, events, stderr };
  } catch {
    // On failure, the message contains the output.
  }
  throw new Error(
    `Claude Code exited with ${exitCode} and said: ${out.slice(0, 500)} ${stderr.slice(0, 500)}`,
  );
}
