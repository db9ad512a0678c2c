// The list of the APIs that codexd serves. The first one's envelope is the default if it is unknown which API a client uses.
import { anthropic } from './anthropic/api.ts';
import type { Api } from './api.ts';
import { codexd } from './codexd/api.ts';
import { ollama } from './ollama/api.ts';
import { openai } from './openai/api.ts';

export const apis: readonly Api[] = [openai, anthropic, ollama, codexd];
