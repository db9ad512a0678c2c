// POST {base}/transcribe (docs/wire/audio.md#chatgpt). Unreadable recordings get a 500, as from ChatGPT.

import type { Fields } from '../base/object.ts';
import type { Call } from './call.ts';
import { challenge, Refusal, refusals } from './refusal.ts';
import { secondsOf, skipTag, wavOf, wordsOf } from './sound.ts';
import { digestOf, type UploadedFile } from './upload.ts';

/** The longest recording that the service accepts (docs/wire/audio.md#limits). */
const longestS = 1400;
/** The real limit is unknown; the public API's is 25 MiB. */
const largestBytes = 25 * 1024 * 1024;

const containers: { extensions: string[]; fits: (head: string) => boolean }[] = [
  { extensions: ['wav'], fits: (head) => /^RIFF....WAVE/s.test(head) },
  { extensions: ['mp3'], fits: isMp3 },
  { extensions: ['m4a', 'mp4'], fits: (head) => head.slice(4, 8) === 'ftyp' },
  { extensions: ['flac'], fits: (head) => head.startsWith('fLaC') },
  { extensions: ['ogg'], fits: (head) => head.startsWith('OggS') },
  { extensions: ['webm'], fits: (head) => head.startsWith('\x1a\x45\xdf\xa3') },
];

/** ISO 639-1. */
const languages = new Set(
  (
    'aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es ' +
    'et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki ' +
    'kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no ' +
    'nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te ' +
    'tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu'
  ).split(' '),
);

/**
 * Accepts the desktop app and the CLI, but not runtimes and libraries under their own names
 * (docs/wire/upstream.md#transcribe-request).
 */
const clients = /^(?:Codex Desktop|codex_cli_rs)\/\d[\w.-]* \([^;()]+; [^;()]+\)/;

/** The service's gateway, which sees only the headers. */
export function checkGateway({ headers }: Pick<Call, 'headers'>): void {
  if (!clients.test(headers['user-agent'] ?? '')) throw challenge();
}

/** `text`: the scripted transcript, if any. */
export function transcribe({ upload, headers }: Pick<Call, 'upload' | 'headers'>, text?: string): Fields {
  // Declares that the whole body is base64, which codexd's forms are not.
  const readable = headers['x-codex-base64'] === undefined ? upload : undefined;
  const [file, ...more] = readable?.files.filter(({ name }) => name === 'file') ?? [];
  if (!file || more.length > 0) {
    throw new Refusal(422, { detail: [{ loc: ['body', 'file'], msg: 'field required' }] });
  }
  if (file.content.length > largestBytes) throw refusals.too_large();
  const language = readable?.fields.language;
  if (language !== undefined && !languages.has(String(language))) throw refusals.asr_error();
  const usual = transcriptOf(file);
  return { text: text ?? usual };
}

function transcriptOf({ filename, content }: UploadedFile): string {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const extension = /\.([a-z0-9]+)$/i.exec(filename)?.[1]?.toLowerCase() ?? '';
  const container = containers.find(({ extensions }) => extensions.includes(extension));
  if (!container?.fits(bytes.subarray(0, 4096).toString('latin1'))) throw refusals.asr_error();
  if (extension === 'wav' && wavOf(bytes) === undefined) throw refusals.asr_error();
  const seconds = secondsOf(bytes);
  if (seconds !== undefined && seconds > longestS) throw refusals.asr_error();
  const words = wordsOf(bytes);
  if (words?.length === 0) return '';
  const length = seconds === undefined ? '' : `${seconds.toFixed(2)} seconds of `;
  return `${length}sound ${digestOf(content)}${words === undefined ? '' : `: ${words.join(' ')}`}.`;
}

/** A frame sync with layer bits set, with or without a tag before it; in ADTS, which is refused, they are zero. */
function isMp3(head: string): boolean {
  const bytes = Buffer.from(head, 'latin1');
  const at = skipTag(bytes);
  if (at >= bytes.length) return head.startsWith('ID3');
  return bytes[at] === 0xff && (bytes[at + 1]! & 0xe0) === 0xe0 && (bytes[at + 1]! & 6) !== 0;
}
