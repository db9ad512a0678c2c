// `codexd env` with a catalogue of three models, a clock that does not advance, and a home directory of its own.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from 'citty';
import type { Client, Machine } from '../../src/cli/env/client.ts';
import { describeDaemon } from '../../src/cli/env/daemon.ts';
import { envCommand } from '../../src/cli/env.ts';
import { load } from '../../src/config/load.ts';
import { namingOf } from '../../src/models/aliases.ts';
import { readModels } from '../../src/models/model.ts';
import { type FakeOptions, fake } from './fake.ts';

const models = readModels([
  { slug: 'gpt-6.1-sol', display_name: 'GPT-6.1 Sol', priority: 1, context_window: 272_000 },
  {
    slug: 'gpt-6-luna',
    display_name: 'GPT-6 Luna',
    priority: 2,
    context_window: 200_000,
    input_modalities: ['text'],
  },
  { slug: 'gpt-secret', priority: 3, visibility: 'hide', context_window: 500_000 },
]);

export const timestamp = '20261120T184705123Z';

export interface EnvOptions extends FakeOptions {
  home?: string;
  platform?: string;
  /** Default: true. */
  isListening?: boolean;
}

/** Runs `codexd env WORDS…`. */
export async function env(words: string[], options: EnvOptions = {}) {
  const invocation = fake(options);
  const { home, platform } = options;
  const command = envCommand({
    models: async () => ({ models, etag: undefined, fetchedAtMs: 1, origin: 'upstream' }),
    isListening: async () => options.isListening ?? true,
    now: () => new Date('2026-11-20T18:47:05.123Z'),
  });
  await runCommand(command.citty, {
    rawArgs: words,
    data: {
      ...invocation,
      ...(platform === undefined ? {} : { platform }),
      ...(home === undefined ? {} : { homedir: home, readFile }),
    },
  });
  return { out: invocation.out(), err: invocation.err() };
}

function readFile(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** A directory with these files in it. */
export function home(files: Record<string, string> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'codexd-env-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, dirname(name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

/** The text of a client's file after the edit, without a disk. */
export function edited(client: Client, text: string, variables: Record<string, string> = {}): string {
  if (typeof client.file === 'string') throw new Error(client.file);
  const machine: Machine = {
    env: {},
    platform: 'linux',
    homedir: '/home/me',
    codexConfigFile: '/home/me/.codex/config.toml',
    readFile: () => undefined,
  };
  const { config } = load({ ...machine, env: variables, flags: {} });
  const daemon = describeDaemon(config.server, namingOf(config.models, models), undefined);
  return client.file.edit({ path: client.file.path(machine), text }, daemon, machine);
}
