// What a recording is called on its way to ChatGPT, which goes by the extension:
// by its bytes, unless the user says otherwise with codex-asr's flags.
import { fileTypes } from '../reading/file-types.ts';
import type { Recording } from '../recording.ts';

/** Extensions people use for the same things. */
const extensions: ReadonlyMap<string, string> = new Map([
  ['wav', 'wav'],
  ['wave', 'wav'],
  ['mp3', 'mp3'],
  ['mpga', 'mp3'],
  ['mpeg', 'mp3'],
  ['m4a', 'm4a'],
  ['m4b', 'm4a'],
  ['mov', 'm4a'],
  ['mp4', 'mp4'],
  ['flac', 'flac'],
  ['ogg', 'ogg'],
  ['oga', 'ogg'],
  ['opus', 'ogg'],
  ['webm', 'webm'],
]);

const types: ReadonlyMap<string, string> = new Map([
  ['audio/wav', 'wav'],
  ['audio/x-wav', 'wav'],
  ['audio/wave', 'wav'],
  ['audio/mpeg', 'mp3'],
  ['audio/mp3', 'mp3'],
  ['audio/mp4', 'm4a'],
  ['audio/m4a', 'm4a'],
  ['audio/x-m4a', 'm4a'],
  ['audio/flac', 'flac'],
  ['audio/x-flac', 'flac'],
  ['audio/ogg', 'ogg'],
  ['audio/webm', 'webm'],
]);

/** `wish` wins; a name whose extension means nothing to ChatGPT gets the one of the content type. */
export function namedUpload(
  { container }: Recording,
  wish: { filename?: string; contentType?: string },
): { filename: string; type: string } {
  const usual = fileTypes[container];
  const type = plainType(wish.contentType ?? '') ?? usual.mediaType;
  const fallback = types.get(type) ?? usual.extension;
  const name = plainName(wish.filename ?? '');
  const [, stem = name, given = ''] = /^(.*)\.([^.]*)$/.exec(name) ?? [];
  return { filename: `${stem || 'audio'}.${extensions.get(given.toLowerCase()) ?? fallback}`, type };
}

function plainType(type: string): string | undefined {
  const [bare = ''] = type.split(';');
  return /^\s*([\w.+-]+\/[\w.+-]+)\s*$/.exec(bare)?.[1]?.toLowerCase();
}

/** Without directories, quotes and control characters; the end of it, and ASCII. */
function plainName(name: string): string {
  const [last = ''] = name.split(/[/\\]/).slice(-1);
  return last
    .replace(/["'\p{Cc}]/gu, '')
    .replace(/[^\x20-\x7e]+/g, '_')
    .slice(-100);
}
