// Which reader reads which file of plain samples.

import { unsupported } from '../reading/unusable-audio.ts';
import type { Container, Recording } from '../recording.ts';
import type { RawFormat } from '../transcriber.ts';
import { readAiff } from './aiff.ts';
import { readAu } from './au.ts';
import { type Bytes, withBytes } from './bytes.ts';
import { readCaf } from './caf.ts';
import type { PcmLayout } from './layout.ts';
import { readRaw } from './raw.ts';
import { readWav } from './wav.ts';

const readers: { [C in Container]?: (bytes: Bytes) => Promise<PcmLayout> } = {
  wav: readWav,
  aiff: readAiff,
  caf: readCaf,
  au: readAu,
};

/** Undefined for containers of something else; throws a Failure that names samples nobody here reads. */
export async function layoutOf(
  { path, container }: Pick<Recording, 'path' | 'container'>,
  raw?: RawFormat,
): Promise<PcmLayout | undefined> {
  if (container === 'raw') {
    if (raw === undefined) throw unsupported('The recording has no header and its format was not declared.');
    return withBytes(path, (bytes) => readRaw(bytes, raw));
  }
  const read = readers[container];
  return read && withBytes(path, read);
}
