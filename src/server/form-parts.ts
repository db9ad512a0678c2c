// Collects the parts of a form with @fastify/busboy: Bun's own parser buffers the whole form in memory and does not support
// `filename*`.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import Busboy, { type BusboyEvents, type BusboyFileStream, type BusboyInstance } from '@fastify/busboy';
import { storageFailure } from '../audio/work-directory.ts';
import { Failure } from '../failure.ts';

/** For all fields together. */
const fieldsLimitBytes = 1024 * 1024;
const maxParts = 256;

export interface Form {
  /** In order. */
  fields: [name: string, value: string][];
  file?: UploadedFile;
  /** Names of other file parts. Their content is discarded. */
  extraFiles: string[];
}

interface UploadedFile {
  path: string;
  bytes: number;
  /** As the client declared it; may be undefined or empty. */
  filename: string | undefined;
  type: string;
}

interface Parts {
  form: Form;
  /** Resolves when all parts are read and the file is written. */
  complete: Promise<void>;
  /** Stops writing. */
  close(): Promise<void>;
}

/** Collects the parser's parts and writes the part `file` to `path`. Calls `fail` with each problem. */
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
    if (truncated || fieldBytes > fieldsLimitBytes) fail(fieldsTooLarge(name));
    else form.fields.push([name, value]);
  };
  const onFile: BusboyEvents['file'] = (name = '', stream, filename, _, type) => {
    stream.on('error', () => {}); // the form was cut off, which the parser reports too
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
  parser.on('partsLimit', () => fail(invalidForm(`The form has more than ${maxParts} parts.`)));
  parser.on('error', (cause: unknown) =>
    fail(invalidForm('The body is not valid multipart form data.', cause)),
  );
  parser.on('finish', () => parsed.resolve());
  return {
    form,
    complete: parsed.promise.then(() => written),
    async close() {
      content?.destroy(new Error('given up')); // without an error, Bun's pipeline waits forever (1.4.5)
      await closed;
    },
  };
}

export function createParser(headers: Headers, limitBytes: number): BusboyInstance {
  try {
    return Busboy({
      headers: { 'content-type': headers.get('content-type') ?? '' },
      limits: {
        fileSize: limitBytes,
        fieldSize: fieldsLimitBytes,
        parts: maxParts,
        headerPairs: 64,
        headerSize: 16 * 1024,
      },
      isPartAFile: (name, type, filename) =>
        filename !== undefined ||
        type === 'application/octet-stream' ||
        (name === 'file' && type !== 'text/plain'),
    });
  } catch (cause) {
    throw invalidForm('The content type has no boundary.', cause);
  }
}

export function tooLarge(limitBytes: number): Failure {
  return new Failure('too_large', `The recording is larger than ${limitBytes} bytes.`, {
    code: 'payload_too_large',
    param: 'file',
    advice: 'Shorten or compress the recording, or raise `server.audio_limit_mb`.',
  });
}

function fieldsTooLarge(name: string): Failure {
  return new Failure('invalid_request', `The form's fields are larger than ${fieldsLimitBytes} bytes.`, {
    code: 'invalid_value',
    param: name,
  });
}

function severalFiles(): Failure {
  return new Failure('invalid_request', 'The form has several parts named `file`.', {
    code: 'invalid_value',
    param: 'file',
    advice: 'Send one recording per request.',
  });
}

export function invalidForm(message: string, cause?: unknown): Failure {
  return new Failure('invalid_request', message, { cause });
}
