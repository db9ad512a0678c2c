// The `moov` box of an MP4 file describes where its samples are (ISO/IEC 14496-12), and many recorders write it last. A file that
// was truncated before it cannot be decoded.
import type { ByteSource } from '../containers/byte-source.ts';

const maxBoxes = 1000;

/** Whether the file contains samples and ends without the box. False if the boxes before the end are damaged. */
export async function lacksMovieIndex(bytes: ByteSource): Promise<boolean> {
  let hasSamples = false;
  let at = 0;
  for (let boxes = 0; boxes < maxBoxes && at + 8 <= bytes.size; boxes++) {
    const head = Buffer.from(await bytes.read(at, 16));
    if (head.length < 8) return false;
    const type = head.toString('latin1', 4, 8);
    if (type === 'moov' || type === 'moof' || !/^[ -~]{4}$/.test(type)) return false;
    if (type === 'mdat') hasSamples = true;
    const size = sizeOf(head);
    if (size === undefined) return false;
    at = size === 'to the end' ? bytes.size : at + size;
  }
  return hasSamples && at + 8 > bytes.size;
}

function sizeOf(head: Buffer): number | 'to the end' | undefined {
  const size = head.readUInt32BE(0);
  if (size === 0) return 'to the end';
  if (size !== 1) return size >= 8 ? size : undefined;
  return head.length === 16 ? Number(head.readBigUInt64BE(8)) : undefined;
}
