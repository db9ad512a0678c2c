// Opens the inputs of a call. Files are used directly; pipes are copied to a private file, since they can be read only once.
// The copy is removed after the transcription, and kept if it fails.

import { access, constants, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { noSuchFile } from '../../app/no-such-file.ts';
import { onAbort } from '../../base/abort.ts';
import { asFailure, Failure } from '../../failure.ts';

export interface RecordingOptions {
  openStdin(): ReadableStream<Uint8Array> | undefined;
  /** The directory for copies, e.g. /tmp. */
  temporary: string;
  /** Maximum size of a copy. */
  limitBytes: number;
  signal: AbortSignal;
}

/** Calls `use` with the path of a file that can be read more than once. */
export async function withRecording<T>(
  name: string,
  options: RecordingOptions,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const found = name === '-' ? openPiped(options) : await find(name);
  if (typeof found === 'string') return use(found);
  const directory = await mkdtemp(join(options.temporary, 'codexd-recording-')).catch(cannotCopy);
  const path = join(directory, 'recording');
  const copied = { bytes: 0 };
  let result: T;
  try {
    await copy(found, path, options, copied);
    result = await use(path);
  } catch (thrown) {
    if (copied.bytes > 0) throw withSavedCopy(path, asFailure(thrown));
    await rm(directory, { recursive: true });
    throw thrown;
  }
  // A copy that cannot be removed must not cost the transcript.
  await rm(directory, { recursive: true }).catch(() => {});
  return result;
}

function openPiped({ openStdin }: RecordingOptions): ReadableStream<Uint8Array> {
  const stream = openStdin();
  if (stream !== undefined) return stream;
  throw new Failure('invalid_request', 'No piped input.', {
    advice: 'Pipe a recording into `codexd transcribe -`, or name a file.',
  });
}

/** The absolute path of a file, or the stream of a named pipe, such as the shell creates for `<(…)`. */
async function find(name: string): Promise<string | ReadableStream<Uint8Array>> {
  const path = resolve(name);
  const stats = await stat(path).catch((thrown) => cannotRead(name, thrown));
  if (stats.isDirectory()) {
    throw new Failure('invalid_request', `${name} is a directory.`, {
      advice: 'Pass the files in it.',
    });
  }
  await access(path, constants.R_OK).catch((thrown) => cannotRead(name, thrown));
  if (stats.isFIFO()) return Bun.file(path).stream();
  if (stats.isFile()) return path;
  throw new Failure('invalid_request', `${name} is neither a file nor a pipe.`, {
    advice: 'Pass a recording.',
  });
}

function cannotRead(name: string, cause: NodeJS.ErrnoException): never {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
    throw noSuchFile(name, cause);
  }
  throw new Failure('forbidden', `Cannot read ${name} (${cause.code}).`, {
    code: 'unreadable_file',
    advice: 'Check its permissions.',
    cause,
  });
}

async function copy(
  stream: ReadableStream<Uint8Array>,
  path: string,
  { limitBytes, signal }: RecordingOptions,
  copied: { bytes: number },
): Promise<void> {
  const reader = stream.getReader();
  // A stream that has failed or ended cannot be cancelled.
  const cancel = () => void reader.cancel().catch(() => {});
  const read = () => reader.read().catch((thrown) => cannotRead('the piped input', thrown));
  const stopListening = onAbort(signal, cancel);
  const file = await open(path, 'wx', 0o600).catch(cannotCopy);
  try {
    for (let chunk = await read(); !chunk.done; chunk = await read()) {
      await file.appendFile(chunk.value).catch(cannotCopy);
      copied.bytes += chunk.value.length;
      if (copied.bytes > limitBytes) throw tooLarge(limitBytes);
    }
  } finally {
    stopListening();
    cancel();
    await file.close();
  }
  signal.throwIfAborted();
  if (copied.bytes === 0) {
    throw new Failure('invalid_request', 'The pipe contained no data.', {
      advice: 'Check the command feeding the pipe.',
    });
  }
}

function tooLarge(limitBytes: number): Failure {
  return new Failure('too_large', `The piped input is larger than ${limitBytes / 1024 ** 2} MiB.`, {
    advice: 'Save the recording to a file and pass that, or raise `server.audio_limit_mb`.',
  });
}

function cannotCopy(cause: NodeJS.ErrnoException): never {
  throw new Failure('forbidden', `Cannot save the piped input to a temporary file (${cause.code}).`, {
    code: 'no_temporary_file',
    advice: 'Free some disk space, or set TMPDIR to another directory.',
    cause,
  });
}

/** The same failure, with the path of the copy in its advice. */
function withSavedCopy(path: string, { kind, message, advice, code, cause }: Failure): Failure {
  return new Failure(kind, message, {
    ...(code === undefined ? {} : { code }),
    advice: `${advice} The piped input was saved; retry with \`codexd transcribe ${path}\`.`,
    cause,
  });
}
