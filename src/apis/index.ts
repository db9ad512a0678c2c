// THE LIST of the APIs that codexd serves. The first one's envelope is used where nothing says which API a client speaks.
import { anthropic } from './anthropic/api.ts';
import type { Api } from './api.ts';
import { codexd } from './codexd/api.ts';
import { ollama } from './ollama/api.ts';
import { openai } from './openai/api.ts';

export const apis: readonly Api[] = [openai, anthropic, ollama, codexd];
