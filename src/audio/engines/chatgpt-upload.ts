// The file name and content type of an upload to ChatGPT, which looks at the extension before the bytes: those of the
// recognised container, unless the user overrides them with codex-asr's flags.
import { fileTypes } from '../reading/file-types.ts';
import type { Recording } from '../recording.ts';

/** File extensions in use, and the one ChatGPT accepts for that format. */
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

/** `overrides` win; a name with an extension ChatGPT does not know gets the extension of the content type. */
export function uploadNameOf(
  { container }: Recording,
  overrides: { filename?: string; contentType?: string },
): { filename: string; type: string } {
  const recognised = fileTypes[container];
  const type = plainType(overrides.contentType ?? '') ?? recognised.mediaType;
  const fallback = types.get(type) ?? recognised.extension;
  const name = plainName(overrides.filename ?? '');
  const [, stem = name, extension = ''] = /^(.*)\.([^.]*)$/.exec(name) ?? [];
  return { filename: `${stem || 'audio'}.${extensions.get(extension.toLowerCase()) ?? fallback}`, type };
}

function plainType(type: string): string | undefined {
  const [bare = ''] = type.split(';');
  return /^\s*([\w.+-]+\/[\w.+-]+)\s*$/.exec(bare)?.[1]?.toLowerCase();
}

/** The last 100 characters in ASCII, without directories, quotes and control characters. */
function plainName(name: string): string {
  const [last = ''] = name.split(/[/\\]/).slice(-1);
  return last
    .replace(/["'\p{Cc}]/gu, '')
    .replace(/[^\x20-\x7e]+/g, '_')
    .slice(-100);
}
