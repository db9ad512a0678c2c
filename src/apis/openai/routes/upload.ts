// Stores each upload in a directory of its own, which is removed when the request ends.
import { join } from 'node:path';
import type { WorkDirectories } from '../../../audio/work-directory.ts';
import type { IncomingRequest } from '../../../server/body.ts';
import type { Form } from '../../../server/form-parts.ts';
import { checkForm, type FormLimits, spoolForm } from '../../../server/multipart.ts';
import { isJsonRequest, spoolJson } from './audio-json.ts';

/** Disposing removes its file. */
export interface Upload extends Form, AsyncDisposable {}

/** Receives the form or JSON of a request. Rejects with a Failure, if possible before the body is read. */
export async function receiveUpload(
  received: IncomingRequest,
  limits: FormLimits,
  directories: WorkDirectories,
  signal: AbortSignal,
): Promise<Upload> {
  const { request } = received;
  const json = isJsonRequest(request);
  if (!json) checkForm(request, limits);
  const directory = await directories.open();
  try {
    const path = join(directory.path, 'recording');
    const form = json
      ? await spoolJson(received, path, limits.limitBytes)
      : await spoolForm(request, path, limits, signal);
    return { ...form, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
  } catch (thrown) {
    await directory[Symbol.asyncDispose]();
    throw thrown;
  }
}
