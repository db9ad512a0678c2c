// Voice messages that were saved as text: a `data:` URL or bare base64. They are decoded into
// a file of ours once, piece by piece; whether that is a recording, the caller asks once, and no text inside is unwrapped.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bytes, textAt, withBytes, writeAll } from '../containers/bytes.ts';

const chunkBytes = 65_536;
const longestHeader = 256;
/** Shorter text is a word rather than a recording. */
const shortestText = 16;

/** The decoded file, or undefined when `path` holds neither. Whatever else was written is removed with `directory`. */
export function unwrapText(
  path: string,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return withBytes(path, async (bytes) => {
    const start = await textStart(bytes);
    if (start === undefined || bytes.size - start < shortestText) return undefined;
    const out = join(directory, 'unwrapped');
    const handle = await open(out, 'w', 0o600);
    try {
      let at = 0;
      const write = async (piece: Uint8Array) => {
        await writeAll(handle, piece, at);
        at += piece.length;
      };
      return (await decode(bytes, start, write, signal)) ? out : undefined;
    } finally {
      await handle.close();
    }
  });
}

/** Where the base64 begins. Only that of a URL is told by its header; other text must prove itself. */
async function textStart(bytes: Bytes): Promise<number | undefined> {
  const head = textAt(await bytes.read(0, longestHeader), 0, longestHeader);
  const blank = /^(?:\xef\xbb\xbf)?\s*/.exec(head)?.[0].length ?? 0;
  const text = head.slice(blank);
  if (!/^data:/i.test(text)) return /^[A-Za-z0-9+/_-]/.test(text) ? blank : undefined;
  const header = /^data:[^,]*;\s*base64\s*,/i.exec(text)?.[0];
  return header === undefined ? undefined : blank + header.length;
}

/** False when a character belongs to no base64, of either alphabet. */
async function decode(
  bytes: Bytes,
  start: number,
  write: (piece: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  let carry = '';
  let padded = false;
  for (let at = start; at < bytes.size; at += chunkBytes) {
    signal.throwIfAborted();
    const piece: string = Buffer.from(await bytes.read(at, chunkBytes))
      .toString('latin1')
      .replace(/\s+/g, '');
    const allowed: RegExp = padded ? /^=*$/ : /^[A-Za-z0-9+/_-]*=*$/;
    if (!allowed.test(piece)) return false;
    const text = piece.replace(/(?<!=)=+$/, '');
    padded ||= text.length < piece.length;
    const whole = carry + text;
    const use = whole.length - (whole.length % 4);
    carry = whole.slice(use);
    if (use > 0) await write(Buffer.from(whole.slice(0, use), 'base64'));
  }
  if (carry.length > 1) await write(Buffer.from(carry, 'base64'));
  return true;
}
