// What most engines can and read, in a few kinds.
import type { Capabilities, Reads } from './engine.ts';

export const textOnly: Capabilities = {
  segments: false,
  words: false,
  prompt: false,
  languages: false,
  translate: false,
  streaming: false,
};

export const whisperCan: Capabilities = {
  ...{ segments: true, words: true, prompt: true, languages: true, translate: true },
  streaming: false,
};

/** What every one of them reads; whisper.cpp before 2025 reads nothing else. */
export const speechWav: Reads = { containers: new Set(['wav']), wavRate: 16_000 };
