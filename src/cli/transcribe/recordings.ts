// The recordings a call names: files as they are, pipes as private copies, since a pipe can be read only once. The copy
// is removed when the recording has been heard, and kept when it has not.
import { access, constants, mkdtemp, open, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asFailure, Failure } from '../../failure.ts';
import { noSuchFile } from '../no-such-file.ts';

export interface Place {
  openStdin(): ReadableStream<Uint8Array> | undefined;
  /** Where copies lie, e.g. /tmp. */
  temporary: string;
  /** Largest copy. */
  limitBytes: number;
  signal: AbortSignal;
}

/** Calls `use` with the path of a file that can be read as often as one likes. */
export async function withRecording<T>(
  name: string,
  place: Place,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const found = name === '-' ? openPiped(place) : await find(name);
  if (typeof found === 'string') return use(found);
  const directory = await mkdtemp(join(place.temporary, 'codexd-recording-')).catch(cannotCopy);
  const path = join(directory, 'recording');
  const copied = { bytes: 0 };
  let result: T;
  try {
    await copy(found, path, place, copied);
    result = await use(path);
  } catch (thrown) {
    if (copied.bytes > 0) throw keptIn(path, asFailure(thrown));
    await rm(directory, { recursive: true });
    throw thrown;
  }
  // What was transcribed counts for more than a file that cannot be removed now.
  await rm(directory, { recursive: true }).catch(() => {});
  return result;
}

function openPiped({ openStdin }: Place): ReadableStream<Uint8Array> {
  const stream = openStdin();
  if (stream !== undefined) return stream;
  throw new Failure('invalid_request', 'Nothing is piped in.', {
    advice: 'Pipe a recording into `codexd transcribe -`, or name a file.',
  });
}

/** The absolute path of a file, or what comes out of a named pipe, such as the shell makes for `<(…)`. */
async function find(name: string): Promise<string | ReadableStream<Uint8Array>> {
  const path = resolve(name);
  const stats = await stat(path).catch((thrown) => cannotRead(name, thrown));
  if (stats.isDirectory()) {
    throw new Failure('invalid_request', `${name} is a directory.`, { advice: 'Name the files in it.' });
  }
  await access(path, constants.R_OK).catch((thrown) => cannotRead(name, thrown));
  if (stats.isFIFO()) return Bun.file(path).stream();
  if (stats.isFile()) return path;
  throw new Failure('invalid_request', `${name} is neither a file nor a pipe.`, {
    advice: 'Name a recording.',
  });
}

function cannotRead(name: string, cause: NodeJS.ErrnoException): never {
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
    throw noSuchFile(name, cause);
  }
  throw new Failure('forbidden', `${name} cannot be read (${cause.code}).`, {
    code: 'unreadable_file',
    advice: 'Check its permissions.',
    cause,
  });
}

async function copy(
  stream: ReadableStream<Uint8Array>,
  path: string,
  { limitBytes, signal }: Place,
  copied: { bytes: number },
): Promise<void> {
  const reader = stream.getReader();
  // What broke or ended cannot be cancelled any more.
  const leave = () => void reader.cancel().catch(() => {});
  const read = () => reader.read().catch((thrown) => cannotRead('What is piped in', thrown));
  signal.addEventListener('abort', leave, { once: true });
  const file = await open(path, 'wx', 0o600).catch(cannotCopy);
  try {
    for (let chunk = await read(); !chunk.done; chunk = await read()) {
      await file.appendFile(chunk.value).catch(cannotCopy);
      copied.bytes += chunk.value.length;
      if (copied.bytes > limitBytes) throw tooLarge(limitBytes);
    }
  } finally {
    signal.removeEventListener('abort', leave);
    leave();
    await file.close();
  }
  signal.throwIfAborted();
  if (copied.bytes === 0) {
    throw new Failure('invalid_request', 'Nothing came out of the pipe.', {
      advice: 'Check the command feeding the pipe.',
    });
  }
}

function tooLarge(limitBytes: number): Failure {
  return new Failure('too_large', `More than ${limitBytes / 1024 ** 2} MiB came out of the pipe.`, {
    advice: 'Save the recording to a file and name that, or raise `server.audio_limit_mb`.',
  });
}

function cannotCopy(cause: NodeJS.ErrnoException): never {
  throw new Failure('forbidden', `What is piped in cannot be kept in a temporary file (${cause.code}).`, {
    code: 'no_temporary_file',
    advice: 'Make room, or set TMPDIR to another place.',
    cause,
  });
}

/** The same failure, and where the recording is now. */
function keptIn(path: string, { kind, message, advice, code, cause }: Failure): Failure {
  return new Failure(kind, message, {
    ...(code === undefined ? {} : { code }),
    advice: `${advice} The piped input was saved; retry with \`codexd transcribe ${path}\`.`,
    cause,
  });
}
