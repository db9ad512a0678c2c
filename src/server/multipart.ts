// Reads multipart/form-data as a stream. Fields are kept in memory, the part `file` is written to disk. Lengths and types
// declared by the client are not trusted.
import { onAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';
import { contentEncodings } from './codings.ts';
import { collectParts, createParser, type Form, invalidForm, tooLarge } from './form-parts.ts';

export interface FormLimits {
  /** For the file alone; the whole body may be 1 MiB larger. */
  limitBytes: number;
  /** How long a client may pause. */
  idleMs?: number;
}

const slackBytes = 1024 * 1024;
const defaultIdleMs = 60_000;
const totalTimeoutMs = 30 * 60_000;

/** Throws what can be rejected before the body is read. */
export function checkForm({ headers }: Request, { limitBytes }: FormLimits): void {
  const type = headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*(;|$)/i.test(type) || contentEncodings(headers).length > 0) {
    throw new Failure('invalid_request', 'The body must be uncompressed multipart form data, or JSON.', {
      status: 415,
      code: 'unsupported_media_type',
      advice:
        'Send the recording as the part `file` of a form (`curl -F file=@recording.m4a`), or as base64 in `input_audio` of a JSON body.',
    });
  }
  if (Number(headers.get('content-length') ?? 0) > limitBytes + slackBytes) throw tooLarge(limitBytes);
}

/** The form, with its file at `path`, which must not exist yet. After a Failure, part of the file may exist. */
export async function spoolForm(
  request: Request,
  path: string,
  { limitBytes, idleMs = defaultIdleMs }: FormLimits,
  signal: AbortSignal,
): Promise<Form> {
  signal.throwIfAborted();
  const failed = Promise.withResolvers<never>();
  const fail = failed.reject;
  const parser = createParser(request.headers, limitBytes);
  const reader = bodyOf(request).getReader();
  const parts = collectParts(parser, path, limitBytes, fail);
  const quiet = setTimeout(() => fail(late(`nothing arrived for ${idleMs / 1000} s`)), idleMs);
  const overdue = setTimeout(
    () => fail(late(`it took longer than ${totalTimeoutMs / 60_000} min`)),
    totalTimeoutMs,
  );
  const stopListening = onAbort(signal, () => fail(signal.reason));
  let stopped = false;
  const feed = async () => {
    for (let length = 0; !stopped; ) {
      const { done, value } = await reader.read();
      if (done) return void parser.end();
      quiet.refresh();
      length += value.byteLength;
      if (length > limitBytes + slackBytes) throw tooLarge(limitBytes);
      await new Promise<void>((taken) => parser.write(value, () => taken()));
    }
  };
  const fed = feed().catch((thrown: unknown) =>
    fail(thrown instanceof Failure ? thrown : disconnected(thrown)),
  );
  try {
    await Promise.race([Promise.all([fed, parts.complete]), failed.promise]);
    return parts.form;
  } finally {
    stopped = true;
    clearTimeout(quiet);
    clearTimeout(overdue);
    stopListening();
    reader.releaseLock();
    await parts.close();
  }
}

function bodyOf({ body }: Request): ReadableStream<Uint8Array> {
  if (body !== null) return body;
  throw invalidForm('The body is empty.');
}

/** Reading a body fails if the client disconnects. */
function disconnected(cause: unknown): Failure {
  return new Failure('cancelled', 'The client disconnected.', { cause });
}

function late(why: string): Failure {
  return new Failure('invalid_request', `The body did not arrive in time: ${why}.`, {
    status: 408,
    code: 'request_timeout',
    retry: true,
  });
}
