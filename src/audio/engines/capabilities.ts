// Capabilities and input formats that several engines share.
import type { AcceptedInput, Capabilities } from './engine.ts';

export const textOnly: Capabilities = {
  segments: false,
  words: false,
  prompt: false,
  languages: false,
  translate: false,
  streaming: false,
};

export const whisperCapabilities: Capabilities = {
  ...{ segments: true, words: true, prompt: true, languages: true, translate: true },
  streaming: false,
};

/** Every engine reads this; whisper.cpp before 2025 reads nothing else. */
export const speechWav: AcceptedInput = { containers: new Set(['wav']), wavRate: 16_000 };
