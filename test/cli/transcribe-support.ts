// `codexd transcribe` with a fake transcriber and a directory of its own.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { TranscribeOptions, TranscriptionRequest } from '../../src/audio/transcriber.ts';
import type { Transcript } from '../../src/audio/transcript.ts';
import { commands } from '../../src/cli/commands.ts';
import { run } from '../../src/cli/run.ts';
import { transcribeCommand } from '../../src/cli/transcribe.ts';
import { asFailure, type Failure } from '../../src/failure.ts';
import { type FakeContext, type FakeOptions, fake } from './fake.ts';

export interface TranscribeCall {
  path: string;
  /** The last component of the path. */
  name: string;
  request: TranscriptionRequest;
  options: TranscribeOptions;
}

export interface SpeechOptions extends FakeOptions {
  /** Text, a complete transcript, or a Failure. By default, every recording transcribes to its own name. */
  respond?: (call: TranscribeCall) => string | Transcript | Promise<string | Transcript>;
  /** Called with the process context before the command runs. */
  onStart?: (surroundings: FakeContext) => void;
}

export function transcript(text: string, more: Partial<Transcript> = {}): Transcript {
  return { text, engine: 'fake', model: 'one', warnings: [], ...more };
}

/** Runs `codexd ARGV…`, and reports a thrown Failure like main.ts. */
export async function codexd(argv: readonly string[], options: SpeechOptions = {}) {
  const { respond = ({ name }) => `It says ${name}.`, onStart } = options;
  const surroundings = fake(options);
  const calls: TranscribeCall[] = [];
  let closed = 0;
  const transcribe = transcribeCommand(async () => ({
    transcriber: {
      async transcribe(path, request, options) {
        const one = { path, name: basename(path), request, options };
        calls.push(one);
        const result = await respond(one);
        return typeof result === 'string' ? transcript(result) : result;
      },
    },
    async close() {
      closed++;
    },
  }));
  const root = { ...commands, transcribe: { summary: 'Transcribes.', load: async () => transcribe } };
  onStart?.(surroundings);
  let failure: Failure | undefined;
  const exitCode = await run(argv, surroundings, root).catch((thrown) => {
    failure = asFailure(thrown);
    return failure.exitCode;
  });
  return { exitCode, failure, out: surroundings.out(), err: surroundings.err(), calls, closed };
}

/** A directory with these files in it. */
export function temporaryDirectory(files: readonly string[] = []): string {
  const path = mkdtempSync(join(tmpdir(), 'codexd-transcribe-'));
  for (const name of files) {
    mkdirSync(join(path, dirname(name)), { recursive: true });
    writeFileSync(join(path, name), `sound of ${name}`);
  }
  return path;
}
