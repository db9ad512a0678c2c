// The clients that `codexd env` supports. To add one, add a file in clients/ and a line here.
import type { Client } from './client.ts';
import { aider } from './clients/aider.ts';
import { claude } from './clients/claude.ts';
import { cline } from './clients/cline.ts';
import { codex } from './clients/codex.ts';
import { continueDev } from './clients/continue.ts';
import { litellm } from './clients/litellm.ts';
import { ollama } from './clients/ollama.ts';
import { openWebui } from './clients/open-webui.ts';
import { openai } from './clients/openai.ts';
import { opencode } from './clients/opencode.ts';
import { zed } from './clients/zed.ts';

export const clients: Readonly<Record<string, Client>> = {
  claude,
  codex,
  openai,
  ollama,
  aider,
  cline,
  litellm,
  opencode,
  zed,
  'open-webui': openWebui,
  continue: continueDev,
};
