// A recording on its way through the pipeline: a file of ours, and what its bytes say it is (reference/asr.md 6.4).

/** Containers by content, named as reference/asr.md names them. `raw` is declared by the client, never sniffed. */
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
  | 'raw';

/** What is inside, where the first bytes tell, e.g. `opus` in an Ogg. */
export type Codec = 'pcm' | 'opus' | 'vorbis' | 'flac' | 'speex' | 'aac' | 'amr' | 'mp3';

export interface Recording {
  /** Absolute; the caller's file is only read, never written or deleted. */
  path: string;
  container: Container;
  codec?: Codec;
  bytes: number;
  durationS?: number;
}
