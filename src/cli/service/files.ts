// Writes and removes the files of services.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../../failure.ts';
import { adviceOf, reasonOf } from '../../system/errno.ts';
import { removeIfExists, replaceFile } from '../../system/whole-file.ts';
import type { ServiceFile } from './plan.ts';

export function writeServiceFile({ path, text, encoding }: ServiceFile): void {
  changingFile(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const content = encoding === undefined ? text : Buffer.from(`\ufeff${text}`, encoding);
    replaceFile(path, content, { mode: 0o644 });
  });
}

export function removeServiceFile({ path }: ServiceFile): void {
  changingFile(path, () => removeIfExists(path));
}

function changingFile(path: string, change: () => unknown): void {
  try {
    change();
  } catch (cause) {
    const advice = path.startsWith('/etc/') ? 'Run it with sudo.' : adviceOf(cause, path);
    throw new Failure('forbidden', `Cannot change ${path}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice,
      cause,
    });
  }
}
