// multipart/form-data (RFC 7578) with a file that is read from disk while it is sent. Bun takes a file in a FormData into
// memory as a whole: sending 50 MB took 121 MB, as this stream 25. With a length Bun sends it in one piece, not in chunks.
import { stat } from 'node:fs/promises';

export interface FormFile {
  /** The field. */
  name: string;
  path: string;
  /** As the receiver is to know it. */
  filename: string;
  type: string;
}

/** To be sent once: a body is used up by it. */
export interface Form {
  headers: { 'content-type': string; 'content-length': string };
  body: ReadableStream<Uint8Array>;
}

const chunkBytes = 262_144;

/** The file first, then the fields. It may be removed while it is sent: then the sending fails. */
export async function openForm(
  file: FormFile,
  fields: Iterable<readonly [name: string, value: string]>,
): Promise<Form> {
  const boundary = `form-${crypto.randomUUID()}`;
  const { size } = await stat(file.path);
  const head =
    `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(file.name)}"; ` +
    `filename="${escaped(file.filename)}"\r\nContent-Type: ${file.type}\r\n\r\n`;
  const parts = Array.from(fields, ([name, value]) => {
    return `\r\n--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"\r\n\r\n${value}`;
  });
  const [before, after] = [head, `${parts.join('')}\r\n--${boundary}--\r\n`].map((text) => Buffer.from(text));
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': String(before!.length + size + after!.length),
    },
    body: around(before!, { path: file.path, size }, after!),
  };
}

/** Opens the file for each chunk: an upload that is given up leaves no handle behind. */
function around(
  before: Uint8Array,
  { path, size }: { path: string; size: number },
  after: Uint8Array,
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream(
    {
      start: (controller) => controller.enqueue(before),
      async pull(controller) {
        if (at < size) {
          const chunk = await Bun.file(path)
            .slice(at, Math.min(at + chunkBytes, size))
            .bytes();
          if (chunk.length === 0) throw new Error('a file has become shorter while it was sent');
          at += chunk.length;
          controller.enqueue(chunk);
        } else {
          controller.enqueue(after);
          controller.close();
        }
      },
    },
    { highWaterMark: 0 },
  );
}

/** As browsers do it (HTML 4.10.21.8). */
function escaped(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
