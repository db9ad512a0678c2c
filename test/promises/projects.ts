import { codexAsApi } from './codex-as-api.ts';
import { codexAsr } from './codex-asr.ts';
import { codexOpenaiWrapper } from './codex-openai-wrapper.ts';
import { codexProxy } from './codex-proxy.ts';
import { openAsrServer } from './open-asr-server.ts';
import type { Project } from './project.ts';

/** The five projects that codexd replaces. */
export const projects: readonly Project[] = [
  codexAsr,
  codexAsApi,
  openAsrServer,
  codexOpenaiWrapper,
  codexProxy,
];
