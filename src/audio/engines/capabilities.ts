// What most engines can, one of two ways.
import type { Capabilities } from './engine.ts';

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
