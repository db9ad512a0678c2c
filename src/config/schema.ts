// Every setting codexd has (product.md 4). The type `Config`, the help of flags, `config show`, `config check` and the
// README's table are made from this list; there is no second one.
import { listener, plainUrl, proxy, replaceIn, serverUrl, upstreamUrl } from './addresses.ts';
import { apiKeys } from './api-keys.ts';
import { engines } from './engines.ts';
import { type Key, key } from './key.ts';
import {
  choice,
  count,
  list,
  megabytes,
  path,
  rate,
  seconds,
  someSeconds,
  table,
  text,
  toggle,
} from './kinds.ts';

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
  noApiKey: key(toggle(), {
    default: false,
    flag: 'no-api-key',
    help: 'Ask for no key, whatever keys are set; other machines stay out unless `insecure_no_api_key` lets them in.',
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
    flag: 'max-upload-mb',
    legacyEnv: [
      { name: 'CODEX_ASR_MAX_UPLOAD_MB' },
      { name: 'OPEN_ASR_SERVER_MAX_UPLOAD_BYTES', read: (bytes) => String(Number(bytes) / 1024 ** 2) },
    ],
    help: 'Largest audio upload, in MiB.',
  }),
  concurrency: key(count(1), {
    default: 1024,
    help: 'Upstream turns at once.',
  }),
  queue: key(count(), { default: 1024, help: 'Turns that may wait when all are taken; more get 429.' }),
  queueTimeoutSeconds: key(seconds(), { default: 60, help: 'Longest wait for a turn, then 429.' }),
  rateLimitPerMinute: key(count(), {
    default: 0,
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_RATE_LIMIT_PER_MINUTE' }],
    help: 'Requests per minute and key; 0 is no limit.',
  }),
  strict: key(toggle(), {
    default: false,
    flag: 'strict',
    help: 'Answer 400 where a request asks for something that would change the answer and cannot be had; hints are only named.',
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
        read: (url) => url.replace(/\/+$/, '').replace(/(?:\/codex)?\/responses$/, ''),
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
    legacyEnv: [{ name: 'CODEX_ASR_PROXY' }, { name: 'CODEX_VOICE_PROXY' }],
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
    legacyEnv: [{ name: 'CODEX_AS_API_MODEL' }],
    codex: 'model',
    help: "The model for clients that do not name one of ours; else the catalogue's first.",
  }),
  override: key(text(), {
    legacyEnv: [{ name: 'DEBUG_MODEL' }],
    help: 'The model for every request, whatever model it names.',
  }),
  aliases: key(table(), {
    default: {},
    help: 'Names or globs clients use, and the model each means ("default" is the default model).',
  }),
  allowed: key(list(text()), { default: [], help: 'Globs of the models clients may use; empty allows all.' }),
  unknown: key(choice(['error', 'default']), {
    default: 'error',
    help: 'How the OpenAI and Anthropic routes answer an unknown model name: with 404, or with the default model.',
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

/** Names that ChatMock and codex-openai-wrapper have for the ways to show reasoning. */
const reasoningCompat: Readonly<Record<string, string>> = {
  legacy: 'reasoning_content',
  current: 'reasoning_content',
  standard: 'reasoning_content',
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

/** open-asr-server's names for engines that are called otherwise here. */
const openAsrServerEngines: Readonly<Record<string, string>> = {
  'whisper-mlx': 'mlx-whisper',
};

const transcription = {
  engine: key(text(), {
    default: 'chatgpt',
    flag: 'engine',
    legacyEnv: [{ name: 'OPEN_ASR_DEFAULT_BACKEND', read: (id) => openAsrServerEngines[id] ?? id }],
    help: 'The engine for requests whose model names none.',
  }),
  model: key(text(), {
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_DEFAULT_MODEL' }],
    help: "The speech model for requests that name none or one of OpenAI's: a model or `engine:model`.",
  }),
  aliases: key(table(), {
    default: {},
    help: 'Names clients use for speech models, and the `engine:model` each means.',
  }),
  allowed: key(list(text()), {
    default: [],
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_ALLOWED_MODELS' }],
    help: 'Globs of the speech models clients may use, as `engine:model` or model; empty allows all.',
  }),
  preload: key(list(text()), {
    default: [],
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_PRELOAD' }],
    help: 'Speech models to load before the daemon is ready.',
  }),
  language: key(text(), { flag: 'language', help: 'Language of the speech where a request does not say.' }),
  endpoint: key(text('an https URL', serverUrl, 'URL'), {
    flag: 'endpoint',
    help: "Where ChatGPT transcribes, when not at the model API's /transcribe.",
  }),
  transport: key(choice(['fetch', 'curl']), {
    default: 'fetch',
    help: "How recordings are sent to ChatGPT: curl is the system's, for networks where the other is challenged.",
  }),
  requestTimeoutSeconds: key(someSeconds(), {
    default: 300,
    flag: 'request-timeout-seconds',
    legacyEnv: [{ name: 'CODEX_ASR_REQUEST_TIMEOUT_SECONDS' }, { name: 'CODEX_ASR_TIMEOUT_SECONDS' }],
    help: 'Longest upload and answer of one piece, all attempts together.',
  }),
  engineTimeoutSeconds: key(seconds(), {
    default: 0,
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_TRANSCRIBE_TIMEOUT_SECONDS' }],
    help: 'Longest run of a local engine; 0 is no limit.',
  }),
  concurrency: key(count(1), {
    default: 16,
    flag: 'concurrency',
    help: 'Transcriptions at once.',
  }),
  queue: key(count(), { default: 128, help: 'Transcriptions that may wait; more get 429.' }),
  workers: key(count(1), {
    default: 1,
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_TRANSCRIBE_WORKERS' }],
    help: 'Jobs at once of each local engine.',
  }),
  pieceSeconds: key(count(30), {
    default: 300,
    help: 'Recordings longer than this are cut at pauses for ChatGPT, which loses text of long ones.',
  }),
  engines: key(engines(), {
    default: [],
    only: 'file',
    help: 'Speech engines and what is special about them, each a table [[transcription.engines]] with id and kind.',
  }),
  modelDirs: key(list(path()), {
    default: [],
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_MODEL_DIR' }],
    help: 'Where the models of local engines lie.',
  }),
  hfToken: key(text(), {
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_HF_TOKEN' }],
    secret: true,
    help: 'Hugging Face token for engines that fetch models.',
  }),
  ffmpeg: key(path(), { help: 'The ffmpeg to convert with, when not the one on PATH.' }),
  silkDecoder: key(path(), {
    flag: 'silk-decoder',
    legacyEnv: [{ name: 'CODEX_ASR_SILK_DECODER' }],
    help: 'A rust-silk to decode SILK with instead of the built-in decoder.',
  }),
  keepSilk: key(toggle(), {
    default: false,
    flag: 'no-silk-decode',
    help: 'Send SILK as it is, which ChatGPT refuses.',
  }),
  silkSampleRate: key(rate([8000, 12000, 16000, 24000, 32000, 44100, 48000]), {
    default: 24000,
    flag: 'silk-sample-rate',
    help: 'Sample rate SILK is decoded to for ChatGPT, in Hz.',
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

export const schema = { server, upstream, auth, models, reasoning, transcription, log, ollama };

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
