import { lstatSync } from 'node:fs';

/** Whether it is a directory, not a link, that belongs to this user. */
export function isOwnDirectory(path: string): boolean {
  try {
    const stats = lstatSync(path);
    return stats.isDirectory() && (process.getuid === undefined || stats.uid === process.getuid());
  } catch {
    return false;
  }
}
