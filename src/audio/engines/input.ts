// The recording under a name of our making (reference/asr.md 5.0): what the caller's file is called never gets near an
// argument list, and tools that go by the extension see the one that fits the content.
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FormFile } from '../../stream/form.ts';
import type { Container, Recording } from '../recording.ts';
import type { Job } from './engine.ts';

/** Extension and media type by content. */
const names: Readonly<Record<Container, readonly [extension: string, type: string]>> = {
  wav: ['wav', 'audio/wav'],
  mp3: ['mp3', 'audio/mpeg'],
  mp4: ['m4a', 'audio/mp4'],
  mov: ['mov', 'video/quicktime'],
  '3gp': ['3gp', 'audio/3gpp'],
  flac: ['flac', 'audio/flac'],
  ogg: ['ogg', 'audio/ogg'],
  webm: ['webm', 'audio/webm'],
  matroska: ['mka', 'audio/x-matroska'],
  silk: ['silk', 'audio/silk'],
  amr: ['amr', 'audio/amr'],
  'amr-wb': ['awb', 'audio/amr-wb'],
  aiff: ['aiff', 'audio/aiff'],
  caf: ['caf', 'audio/x-caf'],
  au: ['au', 'audio/basic'],
  adts: ['aac', 'audio/aac'],
  adif: ['aac', 'audio/aac'],
  asf: ['wma', 'audio/x-ms-wma'],
  raw: ['pcm', 'application/octet-stream'],
};

/** `<directory>/in.<ext>`, a link to the recording or, where links are not to be had, a copy. */
export async function namedInput({ recording, directory }: Job): Promise<string> {
  const path = join(directory, `in.${names[recording.container][0]}`);
  if (path === recording.path) return path;
  await symlink(recording.path, path).catch(() => copyFile(recording.path, path));
  return path;
}

/** The part of a form that carries the recording. */
export function uploadOf({ path, container }: Recording): FormFile {
  const [extension, type] = names[container];
  return { name: 'file', path, filename: `audio.${extension}`, type };
}

/** What ffmpeg reads without being told the demuxer, and its content alone cannot make it open anything else. */
export const usualContainers: ReadonlySet<Container> = new Set(['wav', 'mp3', 'mp4', 'flac', 'ogg', 'webm']);
