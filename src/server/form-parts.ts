// The parts of a form, as @fastify/busboy finds them: Bun's own parser holds all of it in memory and does not know
// `filename*`.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import Busboy, { type BusboyEvents, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { storageFailure } from '../audio/work-directory.ts';
import { Failure } from '../failure.ts';

/** Of all fields together. */
const fieldsLimitBytes = 1024 * 1024;
const mostParts = 256;

export interface Form {
  /** In the order they came. */
  fields: [name: string, value: string][];
  file?: UploadedFile;
  /** Names of other parts that were files; nothing is kept of them. */
  extraFiles: string[];
}

interface UploadedFile {
  path: string;
  bytes: number;
  /** As the client says; undefined or empty when it does not. */
  filename: string | undefined;
  type: string;
}

interface Parts {
  form: Form;
  /** Resolves when all parts are read and the file is written. */
  complete: Promise<void>;
  /** Nothing is written any more when this has resolved. */
  close(): Promise<void>;
}

/** What `parser` finds, with the part `file` at `path`. `fail` is told what is wrong, perhaps more than once. */
export function collectParts(
  parser: BusboyInstance,
  path: string,
  limitBytes: number,
  fail: (failure: Failure) => void,
): Parts {
  const form: Form = { fields: [], extraFiles: [] };
  const parsed = Promise.withResolvers<void>();
  let fieldBytes = 0;
  let content: BusboyFileStream | undefined;
  let written: Promise<void> | undefined;
  let closed: Promise<unknown> | undefined;
  const onField: BusboyEvents['field'] = (name = '', value, _, truncated) => {
    fieldBytes += Buffer.byteLength(value);
    if (truncated || fieldBytes > fieldsLimitBytes) fail(tooLong(name));
    else form.fields.push([name, value]);
  };
  const onFile: BusboyEvents['file'] = (name = '', stream, filename, _, type) => {
    stream.on('error', () => {}); // the form has broken off, which the parser says, too
    if (name !== 'file' || content !== undefined) {
      if (name === 'file') fail(severalFiles());
      else form.extraFiles.push(name);
      stream.resume();
      return;
    }
    content = stream;
    stream.on('limit', () => fail(tooLarge(limitBytes)));
    const target = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    closed = new Promise((resolve) => target.once('close', resolve));
    written = pipeline(stream, target).then(() => {
      form.file = { path, bytes: stream.bytesRead, filename, type };
    });
    written.catch((cause: unknown) => fail(storageFailure(cause)));
  };
  parser.on('field', onField);
  parser.on('file', onFile);
  parser.on('partsLimit', () => fail(broken(`The form has more than ${mostParts} parts.`)));
  parser.on('error', (cause: unknown) => fail(broken('The body is not valid multipart form data.', cause)));
  parser.on('finish', () => parsed.resolve());
  return {
    form,
    complete: parsed.promise.then(() => written),
    async close() {
      content?.destroy(new Error('given up')); // without an error Bun's pipeline waits for ever (1.4.5)
      await closed;
    },
  };
}

export function parserOf(headers: Headers, limitBytes: number): BusboyInstance {
  try {
    return Busboy({
      headers: { 'content-type': headers.get('content-type') ?? '' },
      limits: {
        fileSize: limitBytes,
        fieldSize: fieldsLimitBytes,
        parts: mostParts,
        headerPairs: 64,
        headerSize: 16 * 1024,
      },
      isPartAFile: (name, type, filename) =>
        filename !== undefined ||
        type === 'application/octet-stream' ||
        (name === 'file' && type !== 'text/plain'),
    });
  } catch (cause) {
    throw broken('The content type names no boundary.', cause);
  }
}

export function tooLarge(limitBytes: number): Failure {
  return new Failure('too_large', `The recording is larger than ${limitBytes} bytes.`, {
    code: 'payload_too_large',
    param: 'file',
    advice: 'Send less or compress it, or raise `server.audio_limit_mb`.',
  });
}

function tooLong(name: string): Failure {
  return new Failure('invalid_request', `The fields of the form have more than ${fieldsLimitBytes} bytes.`, {
    code: 'invalid_value',
    param: name,
  });
}

function severalFiles(): Failure {
  return new Failure('invalid_request', 'The form has several parts named `file`, and none was read.', {
    code: 'invalid_value',
    param: 'file',
    advice: 'Send one recording per request.',
  });
}

export function broken(message: string, cause?: unknown): Failure {
  return new Failure('invalid_request', message, { cause });
}
