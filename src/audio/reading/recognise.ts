// From a file to a recording: what its bytes are, once more when they are text around a recording, or a refusal that says
// what was sent instead.
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withBytes } from '../containers/bytes.ts';
import type { Recording } from '../recording.ts';
import type { RawFormat } from '../transcriber.ts';
import { headBytes, notAudio, type Sniffed, sniffFile } from './sniff.ts';
import { unsupported } from './unusable-audio.ts';
import { unwrapText } from './unwrap.ts';

export interface RecogniseOptions {
  /** Private to this job; a recording that came as text is decoded into it. */
  directory: string;
  /** What the client declared; it wins only where the bytes say nothing. */
  raw?: RawFormat;
  signal: AbortSignal;
}

export async function recognise(path: string, options: RecogniseOptions): Promise<Recording> {
  const { directory, raw, signal } = options;
  const sniffed = await sniffFile(path);
  if (sniffed !== undefined && !(raw !== undefined && isWeak(sniffed))) {
    return recordingAt(await untagged(path, sniffed, options), sniffed);
  }
  if (raw !== undefined) return recordingAt(path, { container: 'raw', codec: 'pcm' });
  const other = notAudio(await withBytes(path, (bytes) => bytes.read(0, headBytes)));
  if (other === undefined) {
    const inner = await unwrapText(path, directory, signal);
    const wrapped = inner && (await sniffFile(inner));
    if (wrapped) return recordingAt(await untagged(inner, wrapped, options), wrapped);
  }
  throw unsupported(
    other === undefined
      ? 'The file is no recording in a format codexd knows.'
      : `The file is no recording but ${other}.`,
    'Send WAV, MP3, M4A, FLAC, Ogg, WebM or SILK; samples without a header need their format declared.',
  );
}

/** A sync word of two bytes is not proof enough against a declaration: samples can look like it. */
function isWeak({ container, offset }: Sniffed): boolean {
  return (container === 'mp3' || container === 'adts') && offset === undefined;
}

async function recordingAt(path: string, { container, codec }: Sniffed): Promise<Recording> {
  const { size } = await stat(path);
  return { path, container, ...(codec && { codec }), bytes: size };
}

/** ID3 tags belong in front of MP3 only; before anything else, e.g. FLAC, they confuse who reads it next (trap 5). */
async function untagged(path: string, sniffed: Sniffed, options: RecogniseOptions): Promise<string> {
  const { container, offset } = sniffed;
  if (offset === undefined || container === 'mp3') return path;
  const out = join(options.directory, 'untagged');
  const { signal } = options;
  await pipeline(createReadStream(path, { start: offset }), createWriteStream(out, { mode: 0o600 }), {
    signal,
  });
  return out;
}
