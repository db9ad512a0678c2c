// Helpers of the speech tests: recordings on disk, uploads, and what processes leave behind.
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { digestOf } from '../../src/simulator/upload.ts';
import { emptyHome } from '../cli/process.ts';
import { wav } from '../simulator/sounds.ts';
import { until } from '../support/until.ts';
import type { RunningDaemon } from './daemon.ts';

/** Two words, and their transcript by the simulated service. */
export const spoken = wav([
  [440, 1.2],
  [0, 0.4],
  [880, 0.9],
]);
export const spokenText = `2.50 seconds of sound ${digestOf(spoken)}: 440 880.`;
export const spokenSent = {
  file: { filename: 'audio.wav', type: 'audio/wav', bytes: spoken.length, digest: digestOf(spoken) },
};

export function fileWith(content: Uint8Array | string, name = 'voice.wav', directory = emptyHome()): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

export interface SentRecording {
  file: { filename: string; type: string; bytes: number; digest: string };
  language?: string;
}

export function isUpload({ path, method }: { path: string; method: string }): boolean {
  return method === 'POST' && path === '/backend-api/transcribe';
}

/** The uploaded forms. */
export function recordingsSent({ requests }: Simulator): SentRecording[] {
  return requests.filter(isUpload).map(({ body }) => body as SentRecording);
}

export const transcriptions = '/v1/audio/transcriptions';

export function formOf(
  content: Uint8Array | string,
  fields: Record<string, string> = {},
  name = 'voice.wav',
) {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append('file', new File([content as Uint8Array<ArrayBuffer>], name));
  return form;
}

export function post(daemon: { url: string }, body: FormData, init: RequestInit = {}): Promise<Response> {
  return fetch(daemon.url + transcriptions, { method: 'POST', body, ...init });
}

/** A home directory with its own temporary directory. */
export function homeWithTmp(): { home: string; tmp: string; env: { TMPDIR: string } } {
  const home = emptyHome();
  const tmp = join(home, 'tmp');
  mkdirSync(tmp);
  return { home, tmp, env: { TMPDIR: tmp } };
}

export function isEmpty(directory: string): boolean {
  return readdirSync(directory).length === 0;
}

/** Resolves when the daemon has `count` running requests besides this one. */
export function running(daemon: RunningDaemon, count: number): Promise<void> {
  return until(async () => {
    const health = (await (await fetch(`${daemon.url}/health`)).json()) as { running: number };
    return health.running === count + 1;
  });
}

/** True for a zombie too, which a container may never reap. */
export function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return true;
  }
  try {
    return /^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return process.platform === 'linux';
  }
}

export interface StandIn {
  /** To prepend to PATH; contains the program. */
  bin: string;
  /** With a model called `tiny`. */
  models: string;
  env: { PATH: string; CODEXD_TRANSCRIPTION_MODEL_DIRS: string };
}

/** A `whisper-cli` that runs these shell lines; `$OUT` is the path of its output without `.json`. */
export function whisperStandIn(script: string): StandIn {
  const bin = emptyHome();
  const models = emptyHome();
  writeFileSync(join(models, 'ggml-tiny.bin'), 'lmgg, and nothing behind it');
  const lines = [
    '#!/bin/sh',
    'case "$*" in *--help*) echo usage; exit 0;; esac',
    'while [ $# -gt 0 ]; do [ "$1" = -of ] && OUT=$2; shift; done',
    script,
  ];
  const path = join(bin, 'whisper-cli');
  writeFileSync(path, `${lines.join('\n')}\n`);
  chmodSync(path, 0o755);
  return {
    ...{ bin, models },
    env: { PATH: `${bin}:${process.env.PATH}`, CODEXD_TRANSCRIPTION_MODEL_DIRS: models },
  };
}

/** One that never ends, has a helper, and ignores SIGTERM. */
export interface EndlessStandIn extends StandIn {
  /** Its own process ID and the helper's, once it runs. */
  pids(): Promise<number[]>;
  /** Resolves when it has been asked to stop. */
  chatParams(): Promise<void>;
  /** Makes `pids` refer to the next one that runs. */
  forget(): void;
}

export function endlessWhisper(): EndlessStandIn {
  const askedFile = join(emptyHome(), 'asked');
  const pidFile = join(emptyHome(), 'pids');
  // A shell that waits for a foreground program runs its trap only afterwards; `wait` returns immediately.
  const standIn = whisperStandIn(
    [
      `trap 'touch ${askedFile}' TERM`,
      'sleep 600 &',
      `echo "$$ $!" > ${pidFile}.new && mv ${pidFile}.new ${pidFile}`,
      'while :; do sleep 60 & wait $!; done',
    ].join('\n'),
  );
  const read = () => {
    try {
      return readFileSync(pidFile, 'utf8').split(' ').map(Number);
    } catch {
      return undefined;
    }
  };
  return {
    ...standIn,
    async pids() {
      await until(() => read() !== undefined);
      return read()!;
    },
    chatParams: () => until(() => existsSync(askedFile)),
    forget: () => rmSync(pidFile),
  };
}
