// A recording in the pipeline: a file, and what its bytes say about its format.
import type { FfmpegContainer } from './reading/ffmpeg-only.ts';

/** Recognised by content, except for `raw`, which the client declares. */
export type Container =
  | 'wav'
  | 'mp3'
  | 'mp4'
  | 'mov'
  | '3gp'
  | 'flac'
  | 'ogg'
  | 'webm'
  | 'matroska'
  | 'silk'
  | 'amr'
  | 'amr-wb'
  | 'aiff'
  | 'caf'
  | 'au'
  | 'adts'
  | 'adif'
  | 'asf'
  | 'raw'
  | FfmpegContainer;

/** The audio codec, if the file names it, e.g. `opus` in Ogg; `other` is one codexd cannot decode. */
export type Codec = 'pcm' | 'opus' | 'vorbis' | 'flac' | 'speex' | 'aac' | 'amr' | 'mp3' | 'other';

export interface Recording {
  /** Absolute path. A caller's file is never written or deleted. */
  path: string;
  container: Container;
  codec?: Codec;
  /** The file has a video track. */
  hasVideo?: true;
  bytes: number;
  durationS?: number;
}
