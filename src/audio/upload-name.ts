// What a recording is called when it is uploaded: ChatGPT goes by the name first (reference/asr.md 1.4, 6.4, traps 1 and 4).
import type { Codec, Container } from './recording.ts';

export interface UploadName {
  /** Without the dot. */
  extension: string;
  type: string;
}

const names: { [C in Container]?: UploadName } = {
  wav: { extension: 'wav', type: 'audio/wav' },
  mp3: { extension: 'mp3', type: 'audio/mpeg' },
  mp4: { extension: 'm4a', type: 'audio/mp4' },
  mov: { extension: 'm4a', type: 'audio/mp4' },
  flac: { extension: 'flac', type: 'audio/flac' },
  ogg: { extension: 'ogg', type: 'audio/ogg' },
  webm: { extension: 'webm', type: 'audio/webm' },
};

/** Undefined for what must be converted first. */
export function uploadNameOf(container: Container, codec?: Codec): UploadName | undefined {
  const isWebm = container === 'matroska' && (codec === 'opus' || codec === 'vorbis');
  return names[isWebm ? 'webm' : container];
}
