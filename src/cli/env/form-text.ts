// Settings that the user enters in a form of the client.
import type { Daemon } from './daemon.ts';

/** A line per field, the values aligned. */
export function formText(fields: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(fields).map((name) => name.length));
  return Object.entries(fields)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}\n`)
    .join('');
}

/** What to enter for the key, which is never printed. */
export function keyField({ keyKind }: Daemon): string {
  return keyKind === 'any' ? 'any text' : "the daemon's key";
}
