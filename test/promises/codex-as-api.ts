// https://github.com/Eunho-J/codex-as-api: the OpenAI and Anthropic APIs with a Codex login.
import type { Project } from './project.ts';

export const codexAsApi: Project = {
  name: 'codex-as-api',
  installs: [
    {
      was: '`pip install codex-as-api`, `uv pip install codex-as-api`, `npm install -g codex-as-api`, `cargo build --release`',
      now: '[Install](../../README.md#install)',
    },
    {
      was: '`npm install -g @openai/codex` and `codex login`',
      now: 'not needed: `codexd login`. A login of the Codex CLI is used if there is one.',
    },
  ],
  commands: [
    { was: 'codex-as-api', now: 'codexd serve' },
    { was: 'npx codex-as-api', now: 'codexd serve' },
    { was: 'CODEX_AS_API_PORT=9000 codex-as-api', now: 'CODEX_AS_API_PORT=9000 codexd serve' },
    {
      was: 'CODEX_AS_API_HOST=0.0.0.0 codex-as-api',
      now: 'CODEX_AS_API_HOST=0.0.0.0 codexd serve --api-key a-key-of-yours',
    },
    { was: 'CODEX_AS_API_MODEL=gpt-5.5 codex-as-api', now: 'CODEX_AS_API_MODEL=gpt-5.5 codexd serve' },
  ],
  variables: [
    { name: 'CODEX_HOME', value: '~/.codex' },
    { name: 'CODEX_AS_API_HOST', value: '0.0.0.0', sets: 'server.listen', to: ['0.0.0.0:8787'] },
    { name: 'CODEX_AS_API_PORT', value: '9000', sets: 'server.listen', to: ['127.0.0.1:9000'] },
    { name: 'CODEX_AS_API_MODEL', value: 'gpt-5.5', sets: 'models.default', to: 'gpt-5.5' },
    { name: 'CODEX_AS_API_AUTH_PATH', value: '/tmp/auth.json', sets: 'auth.auth_file', to: '/tmp/auth.json' },
  ],
  flags: [],
  routes: [
    { was: 'POST /v1/chat/completions' },
    { was: 'POST /v1/messages' },
    { was: 'POST /v1/messages/count_tokens' },
    { was: 'POST /v1/messages/compact' },
    { was: 'POST /v1/images/generations' },
    { was: 'POST /v1/inspect' },
    { was: 'POST /v1/compact' },
    { was: 'GET /health' },
  ],
  models: ['gpt-5.5', 'gpt-5.4', 'gpt-5.4-mini', 'gpt-5.3-codex', 'gpt-5.3-codex-spark', 'gpt-5.2'],
  library: [
    {
      was: 'import { ChatGPTOAuthProvider, createApp } from "codex-as-api"',
      now: "import { CodexClient, createServer, translators } from 'codexd'",
    },
    {
      was: 'new ChatGPTOAuthProvider({ model: "gpt-5.5" })',
      now: "new CodexClient({ settings: { models: { default: 'gpt-5.5' } } })",
    },
    {
      was: 'await provider.chat(messages)',
      now: 'await client.call(translators.openai.chat, { messages })',
    },
    { was: 'response.content', now: 'response.choices[0].message.content' },
    { was: 'createApp()', now: 'createServer()' },
    { was: 'app.listen(18080)', now: 'await app.listen(18080)' },
  ],
  differently: [
    {
      was: '`previous_response_id` continues any earlier response',
      now: 'those of `/v1/responses`, and chat completions requested with `"store": true`',
    },
    { was: 'port 18080', now: '`CODEX_AS_API_PORT=18080` or `--port 18080`' },
    {
      was: 'without a configured model, gpt-5.5 answers',
      now: "`CODEX_AS_API_MODEL=gpt-5.5`; without it, the account's default model answers",
    },
    {
      was: 'listens on every interface without a key',
      now: '`--api-key`, which is required beyond loopback',
    },
  ],
};
