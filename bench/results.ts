// bench/RESULTS.md: the daemon's cost, then a section per program, each of which rewrites its own part.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dir, 'RESULTS.md');
const mark = '\n## ';

/** The first part, before the sections. */
export function writeDaemonResults(text: string): void {
  const [, ...sections] = readFileSync(path, 'utf8').split(mark);
  write(text, sections);
}

/** `text` begins with its heading, `## SILK`. */
export function writeSection(text: string): void {
  const heading = text.slice(0, text.indexOf('\n')).replace('## ', '');
  const [daemon = '', ...sections] = readFileSync(path, 'utf8').split(mark);
  const others = sections.filter((section) => !section.startsWith(`${heading}\n`));
  write(daemon, [...others, text.replace('## ', '')].sort());
}

function write(daemon: string, sections: readonly string[]): void {
  writeFileSync(path, `${[daemon, ...sections].map((part) => part.trim()).join(`\n${mark}`)}\n`);
}
