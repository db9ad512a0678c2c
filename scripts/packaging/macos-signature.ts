// Signs a Mach-O file ad hoc, like Apple's linker. Bun's own signature of darwin-x64 does not cover the embedded
// program, and macOS kills a process whose pages do not match their hashes (docs/bun.md#signature). Apple documents the
// format in https://github.com/apple-oss-distributions/xnu/blob/main/osfmk/kern/cs_blobs.h.
import { createHash } from 'node:crypto';

const pageSize = 4096;
const hashSize = 32;
const identifier = 'codexd\0';
/** A CodeDirectory of version 0x20400. */
const directorySize = 88;
/** SuperBlob with one entry. */
const prefixSize = 20;

const magic = { superBlob: 0xfade0cc0, codeDirectory: 0xfade0c02 };
const loadCommand = { segment64: 0x19, codeSignature: 0x1d };

/** The signed file. Also changes `file`. */
export function signAdHoc(file: Buffer): Buffer {
  const { signature, signatureCommand, text, linkedit } = findCommands(file);
  const pages = Math.ceil(signature.offset / pageSize);
  const length = prefixSize + directorySize + identifier.length + pages * hashSize;
  const size = Math.ceil(length / 16) * 16;
  // These fields are on hashed pages.
  file.writeUInt32LE(size, signatureCommand + 12);
  const linkeditOffset = Number(file.readBigUInt64LE(linkedit + 40));
  file.writeBigUInt64LE(BigInt(signature.offset + size - linkeditOffset), linkedit + 48);

  const blob = Buffer.alloc(size);
  writeWords(blob, 0, [magic.superBlob, length, 1, 0, prefixSize]);
  const directory = blob.subarray(prefixSize);
  const adHocByLinker = 0x20002;
  const hashOffset = directorySize + identifier.length;
  writeWords(directory, 0, [
    ...[magic.codeDirectory, length - prefixSize, 0x20400, adHocByLinker, hashOffset, directorySize],
    ...[0, pages, signature.offset],
  ]);
  const sha256 = 2;
  directory.set([hashSize, sha256, 0, Math.log2(pageSize)], 36);
  directory.writeBigUInt64BE(file.readBigUInt64LE(text + 48), 72);
  const mainBinary = 1n;
  directory.writeBigUInt64BE(mainBinary, 80);
  directory.write(identifier, directorySize, 'latin1');
  pageHashes(file, signature.offset).forEach((hash, at) => {
    directory.set(hash, hashOffset + at * hashSize);
  });
  return Buffer.concat([file.subarray(0, signature.offset), blob]);
}

/** The number of page hashes in the signature that do not match the file. */
export function countWrongPages(file: Buffer): number {
  const { signature } = findCommands(file);
  const blob = file.subarray(signature.offset, signature.offset + signature.size);
  if (blob.readUInt32BE(0) !== magic.superBlob) throw new Error('The signature is not a SuperBlob.');
  // The CodeDirectory always comes first.
  const directory = blob.subarray(blob.readUInt32BE(16));
  if (directory.readUInt32BE(0) !== magic.codeDirectory)
    throw new Error('The signature has no CodeDirectory.');
  const hashOffset = directory.readUInt32BE(16);
  const limit = directory.readUInt32BE(32);
  return pageHashes(file, limit).filter((hash, at) => {
    const from = hashOffset + at * hashSize;
    return !hash.equals(directory.subarray(from, from + hashSize));
  }).length;
}

function pageHashes(file: Buffer, limit: number): Buffer[] {
  return Array.from({ length: Math.ceil(limit / pageSize) }, (_, at) =>
    createHash('sha256')
      .update(file.subarray(at * pageSize, Math.min((at + 1) * pageSize, limit)))
      .digest(),
  );
}

function findCommands(file: Buffer) {
  if (file.readUInt32LE(0) !== 0xfeedfacf) throw new Error('Not a 64-bit Mach-O file.');
  const found = new Map<string, number>();
  let at = 32;
  for (let left = file.readUInt32LE(16); left > 0; left -= 1) {
    const kind = file.readUInt32LE(at);
    if (kind === loadCommand.codeSignature) found.set('signature', at);
    if (kind === loadCommand.segment64)
      found.set(file.toString('latin1', at + 8, at + 24).replace(/\0+$/, ''), at);
    at += file.readUInt32LE(at + 4);
  }
  const [signatureCommand, text, linkedit] = ['signature', '__TEXT', '__LINKEDIT'].map((name) =>
    found.get(name),
  );
  if (signatureCommand === undefined || text === undefined || linkedit === undefined) {
    throw new Error('The Mach-O file has no room for a signature.');
  }
  const signature = {
    offset: file.readUInt32LE(signatureCommand + 8),
    size: file.readUInt32LE(signatureCommand + 12),
  };
  return { signature, signatureCommand, text, linkedit };
}

function writeWords(buffer: Buffer, at: number, words: readonly number[]): void {
  words.forEach((word, index) => {
    buffer.writeUInt32BE(word, at + 4 * index);
  });
}
