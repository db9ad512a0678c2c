// Every setting codexd has (product.md 4). The type `Config`, the help of flags, `config show`, `config check` and the
// README's table are made from this list; there is no second one.
import { listener, plainUrl, proxy, replaceIn, serverUrl, upstreamUrl } from './addresses.ts';
import { apiKeys } from './api-keys.ts';
import { type Key, key } from './key.ts';
import { choice, count, list, megabytes, path, seconds, table, text, toggle } from './kinds.ts';

const server = {
  listen: key(list(text('HOST:PORT or unix:/path', listener, 'ADDR'), 1), {
    default: ['127.0.0.1:8787'],
    flag: 'listen',
    env: ['CODEXD_LISTEN'],
    help: 'Addresses to listen on: HOST:PORT or unix:/path.',
    parts: [
      {
        flag: 'host',
        env: 'CODEXD_HOST',
        legacyEnv: 'CODEX_AS_API_HOST',
        expects: 'a host name or address',
        help: 'Host of the first address to listen on.',
        read: (host, current) => replaceIn(current, { host }).join(','),
      },
      {
        flag: 'port',
        env: 'CODEXD_PORT',
        legacyEnv: 'CODEX_AS_API_PORT',
        expects: 'a port number up to 65535',
        help: 'Port of the first address to listen on; 0 picks one.',
        read: (port, current) => replaceIn(current, { port }).join(','),
      },
    ],
  }),
  apiKey: key(text(), {
    flag: 'api-key',
    env: ['CODEXD_API_KEY'],
    legacyEnv: [
      { name: 'CODEX_PROXY_API_KEY' },
      { name: 'CODEX_ASR_SERVER_KEY' },
      { name: 'OPEN_ASR_SERVER_API_KEY' },
    ],
    secret: true,
    help: 'The key clients must send. Needed when not on loopback.',
  }),
  keys: key(apiKeys(), {
    default: [],
    only: 'file',
    help: 'Named keys, each a table [[server.keys]] with name, sha256 and optionally models and per_minute; `codexd config key add NAME` makes one.',
  }),
  insecureNoApiKey: key(toggle(), {
    default: false,
    flag: 'insecure-no-api-key',
    help: 'Allow other machines to call without a key.',
  }),
  readyFile: key(path(), {
    flag: 'ready-file',
    help: 'File to write the listening addresses to once the daemon is ready.',
  }),
  corsOrigins: key(list(text()), {
    default: [],
    flag: 'cors-origins',
    help: 'Origins whose web pages may call; "*" only together with a key.',
  }),
  allowedHosts: key(list(text()), {
    default: [],
    flag: 'allowed-hosts',
    help: 'Host names clients may use besides loopback and the listening addresses.',
  }),
  jsonLimitMb: key(megabytes(), { default: 32, help: 'Largest JSON body, in MiB.' }),
  audioLimitMb: key(megabytes(), {
    default: 50,
    legacyEnv: [{ name: 'CODEX_ASR_MAX_UPLOAD_MB' }],
    help: 'Largest audio upload, in MiB.',
  }),
  concurrency: key(count(1), {
    default: 1024,
    flag: 'concurrency',
    help: 'Upstream turns at once.',
  }),
  queue: key(count(), { default: 1024, help: 'Turns that may wait when all are taken; more get 429.' }),
  queueTimeoutSeconds: key(seconds(), { default: 60, help: 'Longest wait for a turn, then 429.' }),
  rateLimitPerMinute: key(count(), { default: 0, help: 'Requests per minute and key; 0 is no limit.' }),
  strict: key(toggle(), {
    default: false,
    flag: 'strict',
    help: 'Answer 400 where a request asks for something the upstream cannot do, instead of dropping it.',
  }),
  keepalive: key(choice(['comment', 'chunk', 'off']), {
    default: 'comment',
    help: 'What keeps a silent stream open.',
  }),
  keepaliveSeconds: key(seconds(), { default: 15, help: 'Silence before a sign of life.' }),
  shutdownGraceSeconds: key(seconds(), {
    default: 30,
    help: 'How long running turns may finish after SIGTERM.',
  }),
};

const upstream = {
  baseUrl: key(text('an https URL', upstreamUrl, 'URL'), {
    default: 'https://chatgpt.com/backend-api',
    flag: 'upstream',
    env: ['CODEXD_UPSTREAM'],
    legacyEnv: [
      {
        name: 'CHATGPT_RESPONSES_URL',
        read: (url) => url.replace(/\/+$/, '').replace(/\/codex\/responses$/, ''),
      },
    ],
    codex: 'chatgpt_base_url',
    help: 'The model API. Plain http only on loopback.',
  }),
  issuer: key(text('an https URL', serverUrl, 'URL'), {
    default: 'https://auth.openai.com',
    flag: 'issuer',
    env: ['CODEXD_ISSUER'],
    help: 'The login server. Plain http only on loopback.',
  }),
  clientId: key(text(), {
    default: 'app_EMoamEEZ73f0CkXaXp7hrann',
    legacyEnv: [{ name: 'CHATGPT_LOCAL_CLIENT_ID' }],
    help: 'OAuth client id.',
  }),
  tokenUrl: key(text('an https URL', serverUrl, 'URL'), {
    env: ['CODEX_REFRESH_TOKEN_URL_OVERRIDE'],
    help: "Where tokens are refreshed, when not at the issuer's /oauth/token.",
  }),
  originator: key(text(), { default: 'codexd', help: 'How codexd names itself to the upstream.' }),
  userAgent: key(text(), { help: 'User-Agent to the upstream; default codexd/<version> (<os>; <arch>).' }),
  clientVersion: key(text(), {
    default: '0.169.0',
    help: 'Codex version sent to the upstream; too old a one hides newer models.',
  }),
  shape: key(choice(['classic', 'lite', 'auto']), {
    default: 'classic',
    help: 'Form of the upstream request: lite where the catalogue says so; auto only after classic was refused.',
  }),
  proxy: key(proxy(), {
    flag: 'proxy',
    env: ['CODEXD_PROXY'],
    legacyEnv: [{ name: 'CODEX_ASR_PROXY' }],
    help: 'Proxy for every call to the upstream and the login server; without it HTTPS_PROXY and NO_PROXY apply.',
  }),
  caFile: key(path(), {
    flag: 'ca-file',
    env: ['CODEX_CA_CERTIFICATE'],
    help: 'PEM file of further certificate authorities.',
  }),
  connectTimeoutSeconds: key(seconds(), {
    default: 30,
    flag: 'connect-timeout-seconds',
    legacyEnv: [{ name: 'CODEX_ASR_CONNECT_TIMEOUT_SECONDS' }],
    help: 'Longest wait for a connection.',
  }),
  firstByteTimeoutSeconds: key(seconds(), {
    default: 120,
    help: "Longest wait for the head of the upstream's answer.",
  }),
  idleTimeoutSeconds: key(seconds(), { default: 300, help: 'Longest silence in the middle of an answer.' }),
  totalTimeoutSeconds: key(seconds(), { default: 0, help: 'Longest turn; 0 is no limit.' }),
  retries: key(count(), { default: 3, help: 'Further attempts before the first byte reached the client.' }),
  retryBudgetSeconds: key(seconds(), { default: 30, help: 'Time all attempts of a turn may take together.' }),
  compression: key(choice(['none', 'zstd']), { default: 'none', help: 'How request bodies are sent.' }),
  transport: key(choice(['http']), { default: 'http', help: 'How turns are carried.' }),
};

const auth = {
  bearer: key(text(), {
    flag: 'bearer',
    env: ['CODEXD_BEARER'],
    legacyEnv: [{ name: 'CODEX_ASR_BEARER' }, { name: 'CHATGPT_ACCESS_TOKEN' }],
    secret: true,
    help: 'An access token to use as it is.',
  }),
  accountId: key(text(), {
    flag: 'account-id',
    legacyEnv: [{ name: 'CHATGPT_ACCOUNT_ID' }],
    help: "Account to use, when not the token's own.",
  }),
  authFile: key(path(), {
    flag: 'auth-file',
    env: ['CODEXD_AUTH_FILE'],
    legacyEnv: [{ name: 'CODEX_AS_API_AUTH_PATH' }],
    help: 'The auth.json to use instead of the usual places.',
  }),
  authJson: key(text(), {
    env: ['OPENAI_CODEX_AUTH'],
    only: 'env',
    secret: true,
    help: 'The whole content of an auth.json.',
  }),
  readonly: key(toggle(), {
    default: false,
    flag: 'auth-readonly',
    help: "Never refresh or write a borrowed login such as the Codex CLI's.",
  }),
};

const models = {
  default: key(text(), {
    flag: 'model',
    env: ['CODEXD_MODEL'],
    legacyEnv: [{ name: 'CODEX_AS_API_MODEL' }, { name: 'DEBUG_MODEL' }],
    codex: 'model',
    help: "The model where a client names none of ours; else the catalogue's first.",
  }),
  aliases: key(table(), {
    default: {},
    help: 'Names or globs clients use, and the model each means ("default" is the default model).',
  }),
  allowed: key(list(text()), { default: [], help: 'Globs of the models clients may use; empty allows all.' }),
  unknown: key(choice(['error', 'default']), {
    default: 'error',
    help: 'What a name nobody knows gets on the OpenAI routes: 404 or the default model.',
  }),
  verbosity: key(choice(['low', 'medium', 'high']), {
    codex: 'model_verbosity',
    help: 'Verbosity where a client does not say.',
  }),
  contextWindow: key(count(1), {
    codex: 'model_context_window',
    help: "Context window to report, up to the model's largest.",
  }),
  autoCompactTokenLimit: key(count(1), {
    codex: 'model_auto_compact_token_limit',
    help: 'Tokens at which clients should compact.',
  }),
};

/** ChatMock's names for the ways to show reasoning. */
const reasoningCompat: Readonly<Record<string, string>> = {
  legacy: 'reasoning_content',
  current: 'reasoning_content',
};

const reasoning = {
  effort: key(choice(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra']), {
    flag: 'effort',
    legacyEnv: [{ name: 'REASONING_EFFORT' }],
    codex: 'model_reasoning_effort',
    help: "Reasoning effort where a client does not say; else the model's own default.",
  }),
  summary: key(choice(['auto', 'on', 'off', 'concise', 'detailed'], { none: 'off' }), {
    default: 'auto',
    legacyEnv: [{ name: 'REASONING_SUMMARY' }],
    codex: 'model_reasoning_summary',
    help: 'Whether summaries of the reasoning are asked for.',
  }),
  style: key(choice(['reasoning_content', 'think-tags', 'o3', 'none']), {
    default: 'reasoning_content',
    legacyEnv: [{ name: 'REASONING_COMPAT', read: (style) => reasoningCompat[style] ?? style }],
    help: 'How chat completions show reasoning.',
  }),
};

const log = {
  level: key(choice(['debug', 'info', 'warn', 'error', 'silent']), {
    default: 'info',
    flag: 'log-level',
    legacyEnv: [{ name: 'VERBOSE', read: (on) => (/^(1|true|yes|on)$/i.test(on) ? 'debug' : undefined) }],
    help: 'The least that is logged; commands other than serve log warnings only, unless this is set.',
  }),
  format: key(choice(['json', 'pretty']), {
    default: 'pretty',
    flag: 'log-format',
    help: 'Form of the log lines.',
  }),
};

const ollama = {
  url: key(text('an http or https URL', plainUrl, 'URL'), {
    legacyEnv: [{ name: 'OLLAMA_API_URL' }],
    help: 'A real Ollama for the requests codexd cannot answer.',
  }),
};

export const schema = { server, upstream, auth, models, reasoning, log, ollama };

export type SectionName = keyof typeof schema;

type Values<Section> = { readonly [K in keyof Section]: Section[K] extends Key<infer T> ? T : never };

/** All settings, by section, frozen. */
export type Config = { readonly [S in SectionName]: Values<(typeof schema)[S]> };

export interface NamedKey {
  /** `section.key` as in the file, e.g. `server.api_key`. */
  path: string;
  section: SectionName;
  /** The name in `Config`. */
  name: string;
  /** `CODEXD_<SECTION>_<KEY>`. */
  variable: string;
  key: Key<unknown>;
}

/** The schema as a list, in the order of this file. */
export const namedKeys: readonly NamedKey[] = Object.entries(schema).flatMap(([section, keys]) =>
  Object.entries(keys).map(([name, key]) => {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return {
      path: `${section}.${snake}`,
      section: section as SectionName,
      name,
      variable: `CODEXD_${section}_${snake}`.toUpperCase(),
      key: key as Key<unknown>,
    };
  }),
);
