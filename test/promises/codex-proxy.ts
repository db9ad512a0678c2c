// codex-proxy: the OpenAI API with a ChatGPT login of its own, for the machines of a tailnet.
import type { Project } from './project.ts';

export const codexProxy: Project = {
  name: 'codex-proxy',
  installs: [
    { was: '`pip install -e ".[dev]"`', now: '[Install](../../README.md#install)' },
    { was: 'its systemd unit', now: '`deploy/systemd/codexd.service`: [systemd.md](../guides/systemd.md)' },
    { was: '`~/.codex-proxy/credentials.json`', now: '`codexd login`, once' },
    { was: 'a host in the tailnet', now: '[tailscale.md](../guides/tailscale.md)' },
  ],
  commands: [
    { was: 'codex-proxy login', now: 'codexd login' },
    { was: 'codex-proxy serve', now: 'codexd serve' },
    { was: 'codex-proxy serve -p 9000', now: 'codexd serve -p 9000' },
    { was: 'codex-proxy status', now: 'codexd status' },
  ],
  variables: [
    { name: 'HTTPS_PROXY', value: 'http://127.0.0.1:7890' },
    { name: 'CODEX_PROXY_API_KEY', value: 'codex-proxy', sets: 'server.api_key', to: 'secret' },
  ],
  flags: ['--port'],
  routes: [
    { was: 'POST /v1/chat/completions' },
    { was: 'POST /v1/responses' },
    { was: 'GET /v1/models' },
    { was: 'GET /health' },
  ],
  models: [
    ...['gpt-5.1', 'gpt-5.1-codex-max', 'gpt-5.1-codex-mini', 'gpt-5.2', 'gpt-5.2-codex', 'gpt-5.3-codex'],
    ...['gpt-5.3-codex-spark', 'openai/gpt-5.1', 'openai/gpt-5.1-codex'],
  ],
  differently: [
    {
      was: 'listens on 0.0.0.0:8787',
      now: '`CODEX_PROXY_API_KEY=codex-proxy codexd serve --host 0.0.0.0`, or the address of the tailnet',
    },
    { was: 'login in `~/.codex-proxy/credentials.json`', now: '`codexd login`, once' },
    { was: 'the systemd unit sets the key `codex-proxy`', now: '`CODEX_PROXY_API_KEY=codex-proxy`' },
  ],
};
