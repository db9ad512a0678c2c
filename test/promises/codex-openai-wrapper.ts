// https://github.com/GewoonJaap/codex-openai-wrapper: the OpenAI and Ollama APIs with a Codex login.
import type { Project } from './project.ts';

const auth = '{"tokens":{"access_token":"eyJ.x.y","refresh_token":"rft_x","account_id":"user-1"}}';

export const codexOpenaiWrapper: Project = {
  name: 'codex-openai-wrapper',
  installs: [
    {
      was: '`npm install` and `npm run deploy` (Cloudflare Workers)',
      now: '[Install](../../README.md#install), then `codexd serve`',
    },
    {
      was: 'KV namespaces and `wrangler secret put`',
      now: 'nothing: settings are variables or `config.toml`, the login is a file',
    },
    {
      was: '`docker run … ghcr.io/gewoonjaap/codex-openai-wrapper:latest`',
      now: '`docker run … codexd`: [docker.md](../guides/docker.md)',
    },
    { was: '`docker-compose up -d`', now: '`deploy/compose.public.yml`: [docker.md](../guides/docker.md)' },
  ],
  commands: [
    { was: 'npm run dev', now: 'codexd serve' },
    {
      was: 'OPENAI_API_KEY=sk-your-secret-api-key-here npm run dev',
      now: 'CODEXD_API_KEY=sk-your-secret-api-key-here codexd serve',
    },
  ],
  variables: [
    { name: 'CHATGPT_ACCESS_TOKEN', value: 'eyJ.x.y', sets: 'auth.bearer', to: 'secret' },
    { name: 'CHATGPT_ACCOUNT_ID', value: 'user-1', sets: 'auth.account_id', to: 'user-1' },
    { name: 'OPENAI_CODEX_AUTH', value: auth, sets: 'auth.auth_json', to: 'secret' },
    {
      name: 'CHATGPT_LOCAL_CLIENT_ID',
      value: 'app_other',
      sets: 'upstream.client_id',
      to: 'app_other',
    },
    {
      name: 'CHATGPT_RESPONSES_URL',
      value: 'https://example.com/backend-api/responses',
      sets: 'upstream.base_url',
      to: 'https://example.com/backend-api',
    },
    {
      name: 'OLLAMA_API_URL',
      value: 'http://localhost:11434',
      sets: 'ollama.url',
      to: 'http://localhost:11434',
    },
    { name: 'REASONING_EFFORT', value: 'minimal', sets: 'reasoning.effort', to: 'minimal' },
    { name: 'REASONING_SUMMARY', value: 'on', sets: 'reasoning.summary', to: 'on' },
    { name: 'REASONING_COMPAT', value: 'think-tags', sets: 'reasoning.style', to: 'think-tags' },
    { name: 'DEBUG_MODEL', value: 'gpt-5.5', sets: 'models.override', to: 'gpt-5.5' },
    { name: 'VERBOSE', value: 'true', sets: 'log.level', to: 'debug' },
  ],
  flags: [],
  routes: [
    { was: 'POST /v1/chat/completions' },
    { was: 'POST /v1/completions' },
    { was: 'GET /v1/models' },
    { was: 'POST /api/chat' },
    { was: 'GET /api/tags' },
    { was: 'POST /api/show' },
    { was: 'GET /health' },
    { was: 'GET /' },
    { was: 'POST /debug/auth' },
    { was: 'POST /debug/refresh' },
  ],
  models: ['gpt-4', 'gpt-3.5-turbo', 'gpt-3.5-turbo-instruct', 'llama2'],
  differently: [
    {
      was: '`OPENAI_API_KEY` is the key clients send',
      now: '`CODEXD_API_KEY`: many shells export `OPENAI_API_KEY` for other programs',
    },
    {
      was: 'reasoning is shown in think tags',
      now: '`REASONING_COMPAT=think-tags`; without it, in `reasoning_content`',
    },
    {
      was: 'reasoning effort minimal',
      now: "`REASONING_EFFORT=minimal`; without it, the model's own default",
    },
    {
      was: 'a real Ollama at http://localhost:11434 is used',
      now: '`OLLAMA_API_URL=http://localhost:11434`; without it, codexd answers every name itself',
    },
    { was: 'settings in `.dev.vars` or `.env`', now: 'variables, or `~/.config/codexd/config.toml`' },
    { was: 'refreshed tokens are kept in KV', now: 'nothing: codexd keeps them in its login file' },
    { was: 'anyone may call without a key', now: '`--api-key`, which is required beyond loopback' },
  ],
};
