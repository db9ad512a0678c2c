// What every engine's work ends in, and all that answers are made of. Times are in seconds from the
// start of the recording; `language` is a code of languages.ts.

export interface Segment {
  start: number;
  end: number;
  /** As the engine wrote it: Whisper's begin with a space. */
  text: string;
  /** 0 to 1. */
  confidence?: number;
  speaker?: string;
  /** What Whisper says of a segment beside its text; answers that show such numbers show 0 where none were said. */
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
  /** Without spaces around it. */
  word: string;
  confidence?: number;
}

export interface Transcript {
  /** Trimmed; empty for silence. */
  text: string;
  language?: string;
  /** Of the recording, as its container says; undefined when nobody could tell. */
  durationS?: number;
  segments?: Segment[];
  words?: Word[];
  /** The engine that wrote it and the model it used, e.g. `whisper-cpp` and `base.en`. */
  engine: string;
  model: string;
  /** The segments are the pieces a long recording was cut into, not what the engine heard. */
  approximate?: true;
  /** What the user should know: sentences without any of the text. */
  warnings: string[];
}
