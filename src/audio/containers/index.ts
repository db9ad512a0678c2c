// The header readers for files with uncompressed samples.

import { unsupportedAudio } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import type { RawFormat } from '../transcriber.ts';
import { readAiff } from './aiff.ts';
import { readAu } from './au.ts';
import { type ByteSource, withByteSource } from './byte-source.ts';
import { readCaf } from './caf.ts';
import type { PcmLayout } from './layout.ts';
import { readRaw } from './raw.ts';
import { readWav } from './wav.ts';

const readers: { [C in Container]?: (bytes: ByteSource) => Promise<PcmLayout> } = {
  wav: readWav,
  aiff: readAiff,
  caf: readCaf,
  au: readAu,
};

/** Undefined for containers of compressed audio; throws a Failure for sample formats that are not supported. */
export async function layoutOf(
  { path, container }: Pick<Recording, 'path' | 'container'>,
  raw?: RawFormat,
): Promise<PcmLayout | undefined> {
  if (container === 'raw') {
    if (raw === undefined)
      throw unsupportedAudio('The recording has no header, and its sample format was not declared.');
    return withByteSource(path, (bytes) => readRaw(bytes, raw));
  }
  const read = readers[container];
  return read && withByteSource(path, read);
}
