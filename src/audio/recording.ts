// A recording on its way through the pipeline: a file of ours, and what its bytes say it is.
import type { ForeignContainer } from './reading/foreign.ts';

/** Containers by content. `raw` is declared by the client, never sniffed. */
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
  | ForeignContainer;

/** What is inside, where the file says so, e.g. `opus` in an Ogg; `other` is one that nothing here decodes. */
export type Codec = 'pcm' | 'opus' | 'vorbis' | 'flac' | 'speex' | 'aac' | 'amr' | 'mp3' | 'other';

export interface Recording {
  /** Absolute; the caller's file is only read, never written or deleted. */
  path: string;
  container: Container;
  codec?: Codec;
  /** A film: a video track lies beside the sound. */
  hasPicture?: true;
  bytes: number;
  durationS?: number;
}
