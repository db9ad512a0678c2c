// bench/RESULTS.md: the daemon's cost, then a section on SILK. Each program rewrites its own part.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dir, 'RESULTS.md');
const mark = '\n## SILK';

export function writeDaemonResults(text: string): void {
  const [, silk] = readFileSync(path, 'utf8').split(mark);
  writeFileSync(path, silk === undefined ? text : `${text.trimEnd()}\n${mark}${silk}`);
}

/** `text` begins with its heading. */
export function writeSilkResults(text: string): void {
  const [daemon = ''] = readFileSync(path, 'utf8').split(mark);
  writeFileSync(path, `${daemon.trimEnd()}\n\n${text}`);
}
