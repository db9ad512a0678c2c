// The recording under a name of our making: what the caller's file is called never gets near an
// argument list, and tools that go by the extension see the one that fits the content.
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FormFile } from '../../stream/form.ts';
import { fileTypes } from '../reading/file-types.ts';
import type { Container, Recording } from '../recording.ts';
import type { Job } from './engine.ts';

/** `<directory>/in.<ext>`, a link to the recording or, where links are not to be had, a copy. */
export async function namedInput({ recording, directory }: Job): Promise<string> {
  const path = join(directory, `in.${fileTypes[recording.container].extension}`);
  if (path === recording.path) return path;
  await symlink(recording.path, path).catch(() => copyFile(recording.path, path));
  return path;
}

/** The part of a form that carries the recording. */
export function uploadOf({ path, container }: Recording): FormFile {
  const { extension, mediaType } = fileTypes[container];
  return { name: 'file', path, filename: `audio.${extension}`, type: mediaType };
}

/** What ffmpeg reads without being told the demuxer, and its content alone cannot make it open anything else. */
export const usualContainers: ReadonlySet<Container> = new Set(['wav', 'mp3', 'mp4', 'flac', 'ogg', 'webm']);
