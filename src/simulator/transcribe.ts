// POST {base}/transcribe: reference/asr.md 1 and upstream-codex.md 13. Whatever it cannot read is a 500, as in life.
import type { Fields } from './fields.ts';
import { Refusal } from './refusal.ts';
import type { Upload } from './upload.ts';

/** Longest audio the service takes (asr.md 1.5). */
const longestS = 1400;

const containers: { extensions: string[]; magic: (head: string) => boolean }[] = [
  { extensions: ['wav'], magic: (head) => /^RIFF....WAVE/s.test(head) },
  { extensions: ['mp3', 'mpga', 'mpeg'], magic: (head) => head.startsWith('ID3') || isMp3Frame(head) },
  { extensions: ['m4a', 'mp4'], magic: (head) => head.slice(4, 8) === 'ftyp' },
  { extensions: ['flac'], magic: (head) => head.startsWith('fLaC') },
  { extensions: ['ogg'], magic: (head) => head.startsWith('OggS') },
  { extensions: ['webm'], magic: (head) => head.startsWith('\x1a\x45\xdf\xa3') },
];

export function transcribe(upload: Upload): Fields {
  const [file, ...more] = upload.files.filter(({ name }) => name === 'file');
  if (!file || more.length > 0)
    throw new Refusal(422, { detail: [{ loc: ['body', 'file'], msg: 'field required' }] });
  const { language } = upload.fields;
  if (language !== undefined && language !== '' && !/^[a-z]{2}$/.test(String(language))) throw failed();
  const head = Buffer.from(file.content.subarray(0, 16)).toString('latin1');
  const extension = /\.([a-z0-9]+)$/i.exec(file.filename)?.[1]?.toLowerCase() ?? '';
  if (!containers.some(({ extensions, magic }) => extensions.includes(extension) && magic(head)))
    throw failed();
  if (extension === 'wav') {
    const { seconds, silent } = readWav(file.content);
    if (seconds > longestS) throw failed();
    if (silent) return { text: '' };
  }
  return { text: `This is what was said in ${file.filename}, ${file.content.length} bytes.` };
}

function failed(): Refusal {
  return new Refusal(500, { detail: 'Error in ASR API' });
}

/** A frame sync whose layer bits are set; in ADTS, which is refused, they are zero. */
function isMp3Frame(head: string): boolean {
  return (
    head.charCodeAt(0) === 0xff && (head.charCodeAt(1) & 0xe0) === 0xe0 && (head.charCodeAt(1) & 6) !== 0
  );
}

function readWav(bytes: Uint8Array): { seconds: number; silent: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let bytesPerSecond = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
    const size = view.getUint32(at + 4, true);
    const body = bytes.subarray(at + 8, at + 8 + size);
    if (id === 'fmt ' && body.length >= 16) bytesPerSecond = view.getUint32(at + 16, true);
    if (id === 'data' && bytesPerSecond > 0 && body.length > 0) {
      return { seconds: body.length / bytesPerSecond, silent: body.every((byte) => byte === 0) };
    }
    at += 8 + size + (size % 2);
  }
  throw failed();
}
