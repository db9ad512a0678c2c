// Parses multipart bodies by hand: `FormData` guesses a file's type from its name, but tests check the declared one.
import type { Fields } from '../base/object.ts';

export interface UploadedFile {
  /** The part's name. */
  name: string;
  filename: string;
  /** As declared. */
  type: string;
  content: Uint8Array;
}

export interface Upload {
  fields: Fields;
  files: UploadedFile[];
  /** Names of the parts, in order. */
  parts: string[];
}

/** Undefined if there is no boundary. */
export function readUpload(body: Uint8Array, contentType: string): Upload | undefined {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!boundary) return undefined;
  const upload: Upload = { fields: {}, files: [], parts: [] };
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const mark = `--${boundary}`;
  let at = text.indexOf(mark);
  while (at >= 0) {
    const start = at + mark.length + 2;
    const end = text.indexOf(`\r\n${mark}`, start);
    if (end < 0) break;
    readPart(text.subarray(start, end), upload);
    at = end + 2;
  }
  return upload;
}

function readPart(part: Buffer, upload: Upload): void {
  const split = part.indexOf('\r\n\r\n');
  const head = part.subarray(0, Math.max(split, 0)).toString('utf8');
  const content = part.subarray(split + 4);
  const name = /[ ;]name="([^"]*)"/i.exec(head)?.[1] ?? '';
  const filename = /filename="([^"]*)"/i.exec(head)?.[1];
  upload.parts.push(name);
  if (filename === undefined) {
    upload.fields[name] = content.toString('utf8');
    return;
  }
  const type = /^content-type: *(.+)$/im.exec(head)?.[1] ?? '';
  upload.files.push({ name, filename, type, content });
}

/** A form as recorded: its parts in order, files without their content. */
export function describeUpload({ fields, files, parts }: Upload): Fields {
  const fileFields = files.map(({ name, filename, type, content }) => [
    name,
    { filename, type, bytes: content.length, digest: digestOf(content) },
  ]);
  const all: Fields = { ...fields, ...Object.fromEntries(fileFields) };
  return Object.fromEntries(parts.map((name) => [name, all[name]]));
}

/** The first 8 hexadecimal digits of the SHA-256. */
export function digestOf(content: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(content).digest('hex').slice(0, 8);
}
