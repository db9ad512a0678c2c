// The transcript, which every response format is made from. Times are in seconds from the start of the recording; `language` is
// a code of languages.ts.

export interface Segment {
  start: number;
  end: number;
  /** As returned by the engine: Whisper's begin with a space. */
  text: string;
  /** 0 to 1. */
  confidence?: number;
  speaker?: string;
  /** Whisper's statistics for the segment. Response formats that include them use defaults if they are missing. */
  whisper?: {
    tokens?: number[];
    temperature?: number;
    avgLogprob?: number;
    compressionRatio?: number;
    noSpeechProb?: number;
  };
}

export interface Word {
  start: number;
  end: number;
  /** Without surrounding spaces. */
  word: string;
  confidence?: number;
}

export interface Transcript {
  /** Trimmed; empty for silence. */
  text: string;
  language?: string;
  /** Duration of the recording; undefined if unknown. */
  durationS?: number;
  segments?: Segment[];
  words?: Word[];
  /** The engine and its model, e.g. `whisper-cpp` and `base.en`. */
  engine: string;
  model: string;
  /** The segments are the parts a long recording was split into, not segments from the engine. */
  approximate?: true;
  /** Sentences for the user, without any of the text. */
  warnings: string[];
}
