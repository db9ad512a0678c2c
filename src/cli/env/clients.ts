// The clients that `codexd env` and `codexd run` support. To add one, add a file in clients/ and a line here.
import { nearest } from '../../config/nearest.ts';
import { Failure } from '../../failure.ts';
import type { Client } from './client.ts';
import { aider } from './clients/aider.ts';
import { claude } from './clients/claude.ts';
import { claudeDesktop } from './clients/claude-desktop.ts';
import { cline } from './clients/cline.ts';
import { codex } from './clients/codex.ts';
import { continueDev } from './clients/continue.ts';
import { crush } from './clients/crush.ts';
import { goose } from './clients/goose.ts';
import { homeAssistant } from './clients/home-assistant.ts';
import { jetbrains } from './clients/jetbrains.ts';
import { junie } from './clients/junie.ts';
import { langchain } from './clients/langchain.ts';
import { litellm } from './clients/litellm.ts';
import { llm } from './clients/llm.ts';
import { n8n } from './clients/n8n.ts';
import { obsidian } from './clients/obsidian.ts';
import { ollama } from './clients/ollama.ts';
import { openWebui } from './clients/open-webui.ts';
import { openai } from './clients/openai.ts';
import { opencode } from './clients/opencode.ts';
import { pi } from './clients/pi.ts';
import { raycast } from './clients/raycast.ts';
import { vscode } from './clients/vscode.ts';
import { xcode } from './clients/xcode.ts';
import { zed } from './clients/zed.ts';

/** In the order of the README's table and of error messages: agents, editors, chats, automation, libraries. */
export const clients: Readonly<Record<string, Client>> = {
  claude,
  'claude-desktop': claudeDesktop,
  codex,
  aider,
  crush,
  goose,
  junie,
  opencode,
  pi,
  cline,
  continue: continueDev,
  jetbrains,
  vscode,
  xcode,
  zed,
  obsidian,
  'open-webui': openWebui,
  raycast,
  'home-assistant': homeAssistant,
  n8n,
  langchain,
  litellm,
  llm,
  ollama,
  openai,
};

/** The names of the clients that are started from a terminal. */
export function runnableClients(): string[] {
  return Object.keys(clients).filter((name) => clients[name]!.launch !== undefined);
}

/** Throws a Failure with advice for `codexd COMMAND` if there is no such client. */
export function clientOf(name: string, command: 'env' | 'run'): Client {
  const client = Object.hasOwn(clients, name) ? clients[name] : undefined;
  if (client) return client;
  const names = command === 'run' ? runnableClients() : Object.keys(clients);
  const near = nearest(name, names);
  throw new Failure('invalid_request', `Unknown client "${name}".`, {
    code: 'usage',
    advice: near === undefined ? adviceFor(command, names) : `Did you mean \`codexd ${command} ${near}\`?`,
  });
}

function adviceFor(command: 'env' | 'run', names: readonly string[]): string {
  const otherwise =
    command === 'run'
      ? 'For other OpenAI-compatible programs, use `codexd run openai PROGRAM`.'
      : 'For other OpenAI-compatible clients, use the values from `codexd env openai`.';
  return `Use one of ${names.join(', ')}. ${otherwise}`;
}
