// Splits a FLAC file into frames (RFC 9639, 8 to 9.3). Frames have no length field: one ends where its checksum is valid and
// another header begins. mediabunny and codec-parser both lose a tiny last frame, such as one of silence.
import { damagedAudio } from '../reading/unusable-audio.ts';

/** Larger than any frame: 65,535 samples of 8 channels at 32 bits. */
const mostBytes = 4_194_304;
const longestHeader = 16;
const markBytes = 4;
const streamInfoBytes = 34;

export class FlacFrames {
  /** Hz; 0 until the first metadata block has been read. */
  rate = 0;
  #buffer = new Uint8Array(65_536);
  #length = 0;
  /** Bytes of metadata still to be skipped; undefined after the metadata. */
  #skip: number | undefined = markBytes;
  #isLastBlock = false;
  /** The frame at the start of the buffer: its number, the bytes checked so far, and their checksum. */
  #number: number | undefined;
  #at = 0;
  #crc = 0;

  push(chunk: Uint8Array): Uint8Array[] {
    this.#append(chunk);
    return this.#skipMetadata() ? this.#frames(false) : [];
  }

  end(): Uint8Array[] {
    if (!this.#skipMetadata()) return [];
    const frames = this.#frames(true);
    if (this.#number !== undefined && this.#length > 0) frames.push(this.#buffer.slice(0, this.#length));
    return frames;
  }

  /** Returns true once the frames have been reached. */
  #skipMetadata(): boolean {
    while (this.#skip !== undefined) {
      const skipped = Math.min(this.#skip, this.#length);
      this.#drop(skipped);
      this.#skip -= skipped;
      if (this.#skip > 0) return false;
      if (this.#isLastBlock) {
        this.#skip = undefined;
        break;
      }
      const block = this.#buffer.subarray(0, this.#length);
      if (block.length < 4 + (this.rate === 0 ? streamInfoBytes : 0)) return false;
      const [head = 0, high = 0, middle = 0, low = 0] = block;
      if (this.rate === 0) this.rate = (block[14]! << 12) | (block[15]! << 4) | (block[16]! >> 4);
      if (this.rate === 0) throw damagedAudio('FLAC');
      this.#isLastBlock = head >= 0x80;
      this.#skip = 4 + ((high << 16) | (middle << 8) | low);
    }
    return true;
  }

  #frames(isEnd: boolean): Uint8Array[] {
    const frames: Uint8Array[] = [];
    const ready = () => this.#length - (isEnd ? 0 : longestHeader);
    let from = 0;
    while (from + this.#at < ready()) {
      const place = from + this.#at;
      if (this.#buffer[place] === 0xff) {
        const number = frameNumber(this.#buffer.subarray(place, this.#length));
        const follows = this.#number !== undefined && number === this.#number + 1; // accepted even after damage
        if (number !== undefined && (this.#number === undefined || this.#crc === 0 || follows)) {
          if (this.#number !== undefined && this.#at > 0) frames.push(this.#buffer.slice(from, place));
          from = place;
          this.#number = number;
          this.#at = 0;
          this.#crc = 0;
        }
      }
      this.#crc = ((this.#crc << 8) & 0xffff) ^ crc16[(this.#crc >> 8) ^ this.#buffer[from + this.#at]!]!;
      this.#at++;
    }
    this.#drop(from);
    return frames;
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#length + chunk.length;
    if (needed > mostBytes) throw damagedAudio('FLAC');
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(needed * 2);
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#length);
    this.#length = needed;
  }

  #drop(count: number): void {
    this.#buffer.copyWithin(0, count, this.#length);
    this.#length -= count;
  }
}

/** The number of the frame or of its first sample; undefined if no frame starts here. */
function frameNumber(bytes: Uint8Array): number | undefined {
  const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0] = bytes;
  if (b0 !== 0xff || (b1 & 0xfe) !== 0xf8 || b2 >> 4 === 0 || (b2 & 15) === 15) return undefined;
  if (b3 >> 4 > 10 || ((b3 >> 1) & 7) === 3 || b3 & 1) return undefined;
  const numberBytes = b4 < 0x80 ? 1 : Math.clz32(~(b4 << 24));
  if (numberBytes > 7 || (numberBytes === 1 && b4 >= 0x80)) return undefined;
  let number = numberBytes === 1 ? b4 : b4 & (0x7f >> numberBytes);
  for (let at = 5; at < 4 + numberBytes; at++) number = number * 64 + ((bytes[at] ?? 0) & 0x3f);
  const sizeCode = b2 >> 4;
  const rateCode = b2 & 15;
  const size = sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  const end = 4 + numberBytes + size + (rateCode === 12 ? 1 : rateCode > 12 ? 2 : 0);
  if (end >= bytes.length) return undefined;
  let crc = 0;
  for (let at = 0; at < end; at++) crc = crc8[crc ^ bytes[at]!]!;
  return crc === bytes[end] ? number : undefined;
}

const crc8 = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80 ? (crc << 1) ^ 0x07 : crc << 1;
  return crc;
});

const crc16 = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x8005 : crc << 1;
  return crc;
});
