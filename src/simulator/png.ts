// A small valid PNG: two bands of colour derived from the prompt, so that different prompts produce different images.
import { deflateSync } from 'node:zlib';

const side = 16;

/** Base64 of a 16×16 RGB image. */
export function pngFor(prompt: string): string {
  const hash = Bun.hash.crc32(prompt);
  const above = [hash & 255, (hash >>> 8) & 255, (hash >>> 16) & 255];
  const below = above.map((level) => 255 - level);
  const rows = Buffer.alloc(side * (1 + 3 * side));
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) rows.set(y < side / 2 ? above : below, y * (1 + 3 * side) + 1 + 3 * x);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8); // 8 bits per channel, RGB
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...chunks]).toString('base64');
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
  const out = Buffer.alloc(named.length + 8);
  out.writeUInt32BE(body.length, 0);
  out.set(named, 4);
  out.writeUInt32BE(Bun.hash.crc32(named), named.length + 4);
  return out;
}
