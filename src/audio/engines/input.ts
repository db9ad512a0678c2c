// Links the recording under a name of codexd's own: the caller's file name never reaches an argument list, and tools
// that look at the extension see the one that fits the content.
import { copyFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FormFile } from '../../stream/form.ts';
import { fileTypes } from '../reading/file-types.ts';
import type { Container, Recording } from '../recording.ts';
import type { Job } from './engine.ts';

/** Creates `<directory>/in.<ext>`: a link to the recording, or a copy if the file system has no links. */
export async function linkInput({ recording, directory }: Job): Promise<string> {
  const path = join(directory, `in.${fileTypes[recording.container].extension}`);
  if (path === recording.path) return path;
  await symlink(recording.path, path).catch(() => copyFile(recording.path, path));
  return path;
}

/** The form part with the recording. */
export function uploadOf({ path, container }: Recording): FormFile {
  const { extension, mediaType } = fileTypes[container];
  return { name: 'file', path, filename: `audio.${extension}`, type: mediaType };
}

/** Containers that ffmpeg recognises by itself, and whose content cannot make it open other files. */
export const commonContainers: ReadonlySet<Container> = new Set(['wav', 'mp3', 'mp4', 'flac', 'ogg', 'webm']);
