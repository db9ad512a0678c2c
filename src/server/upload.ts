// Uploads on disk, each in a directory of its own that is gone when the request is done, however it ended (product.md 8).
import { join } from 'node:path';
import type { WorkDirectories } from '../audio/work-directory.ts';
import type { Form } from './form-parts.ts';
import { checkForm, type FormLimits, spoolForm } from './multipart.ts';

/** Disposing of it removes its file. */
export interface Upload extends Form, AsyncDisposable {}

/** The form of a request, refused before its body is read where possible. Rejects with a Failure. */
export async function receiveUpload(
  request: Request,
  limits: FormLimits,
  directories: WorkDirectories,
  signal: AbortSignal,
): Promise<Upload> {
  checkForm(request, limits);
  const directory = await directories.open();
  try {
    const form = await spoolForm(request, join(directory.path, 'recording'), limits, signal);
    return { ...form, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
  } catch (thrown) {
    await directory[Symbol.asyncDispose]();
    throw thrown;
  }
}
