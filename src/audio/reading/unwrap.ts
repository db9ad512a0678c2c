// Decodes voice messages that were saved as text: a `data:` URL or plain base64. The file is decoded in chunks and only once:
// text inside the text is not decoded again.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type ByteSource, textAt, withByteSource, writeAll } from '../containers/byte-source.ts';

const chunkBytes = 65_536;
const longestHeader = 256;
/** Shorter text cannot be a recording. */
const shortestText = 16;

/** The path of the decoded file, or undefined if `path` contains neither. Partial output is removed with `directory`. */
export function unwrapText(
  path: string,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  return withByteSource(path, async (bytes) => {
    const start = await textStart(bytes);
    if (start === undefined || bytes.size - start < shortestText) return undefined;
    const out = join(directory, 'unwrapped');
    const handle = await open(out, 'w', 0o600);
    try {
      let at = 0;
      const write = async (chunk: Uint8Array) => {
        await writeAll(handle, chunk, at);
        at += chunk.length;
      };
      return (await decode(bytes, start, write, signal)) ? out : undefined;
    } finally {
      await handle.close();
    }
  });
}

/** The position of the base64, which follows the header of a `data:` URL, or any space at the start of other text. */
async function textStart(bytes: ByteSource): Promise<number | undefined> {
  const head = textAt(await bytes.read(0, longestHeader), 0, longestHeader);
  const blank = /^(?:\xef\xbb\xbf)?\s*/.exec(head)?.[0].length ?? 0;
  const text = head.slice(blank);
  if (!/^data:/i.test(text)) return /^[A-Za-z0-9+/_-]/.test(text) ? blank : undefined;
  const header = /^data:[^,]*;\s*base64\s*,/i.exec(text)?.[0];
  return header === undefined ? undefined : blank + header.length;
}

/** False if a character is in neither base64 alphabet. */
async function decode(
  bytes: ByteSource,
  start: number,
  write: (chunk: Uint8Array) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  let carry = '';
  let padded = false;
  for (let at = start; at < bytes.size; at += chunkBytes) {
    signal.throwIfAborted();
    const chunk: string = Buffer.from(await bytes.read(at, chunkBytes))
      .toString('latin1')
      .replace(/\s+/g, '');
    const allowed: RegExp = padded ? /^=*$/ : /^[A-Za-z0-9+/_-]*=*$/;
    if (!allowed.test(chunk)) return false;
    const text = chunk.replace(/(?<!=)=+$/, '');
    padded ||= text.length < chunk.length;
    const whole = carry + text;
    const use = whole.length - (whole.length % 4);
    carry = whole.slice(use);
    if (use > 0) await write(Buffer.from(whole.slice(0, use), 'base64'));
  }
  if (carry.length > 1) await write(Buffer.from(carry, 'base64'));
  return true;
}
