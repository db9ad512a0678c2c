// Archives whose bytes depend only on what is in them: no times, no owners, files in the given order. Compressed at the usual level: the
// highest takes three times as long and saves 0.4 %.
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export interface ArchivedFile {
  path: string;
  content: Uint8Array;
  isExecutable?: boolean;
}

/** A ustar archive (POSIX.1-1988), compressed. */
export function tarGz(files: readonly ArchivedFile[]): Buffer {
  const blocks = files.flatMap((file) => {
    const padding = (512 - (file.content.length % 512)) % 512;
    return [tarHeader(file), file.content, Buffer.alloc(padding)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function tarHeader({ path, content, isExecutable }: ArchivedFile): Buffer {
  if (Buffer.byteLength(path) > 100) throw new Error(`The path "${path}" is too long for a tar archive.`);
  const header = Buffer.alloc(512);
  const octal = (value: number, at: number, digits: number) =>
    header.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
  header.write(path, 0);
  octal(isExecutable ? 0o755 : 0o644, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(content.length, 124, 11);
  octal(0, 136, 11);
  header.write('        ', 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\0' + '00', 257, 'latin1');
  header.write('root', 265, 'latin1');
  header.write('root', 297, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** The earliest date in the format. */
const dosDate = (1 << 5) | 1;

/** A ZIP archive (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), without the 64-bit extension. */
export function zip(files: readonly ArchivedFile[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, isExecutable } of files) {
    const name = Buffer.from(path);
    const compressed = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    const utf8 = 0x800;
    common.writeUInt16LE(utf8, 2);
    const deflate = 8;
    common.writeUInt16LE(deflate, 4);
    common.writeUInt16LE(dosDate, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(compressed.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), common, name, compressed);

    const made = Buffer.alloc(2);
    made.writeUInt16LE(0x031e);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(((isExecutable ? 0o100755 : 0o100644) << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), made, common, rest, name);
    offset += 4 + common.length + name.length + compressed.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(entries.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, entries, Buffer.from('PK\x05\x06', 'latin1'), end]);
}
