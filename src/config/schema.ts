// All settings of codexd. The type `Config`, the help of flags, `config show`, `config check` and the README's table are
// generated from this list.
import {
  listenAddress,
  originForm,
  plainUrl,
  proxy,
  redisUrl,
  serverUrl,
  upstreamUrl,
  webOrigin,
  withHostOrPort,
} from './addresses.ts';
import { apiKeys } from './api-keys.ts';
import { engines } from './engines.ts';
import { type Key, key, snakeCase } from './key.ts';
import {
  choice,
  count,
  days,
  list,
  megabytes,
  path,
  percent,
  positiveSeconds,
  rate,
  seconds,
  table,
  text,
  toggle,
} from './kinds.ts';

const server = {
  listen: key(list(text('HOST:PORT or unix:/path', listenAddress, 'ADDR'), 1), {
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
        read: (host, current) => withHostOrPort(current, { host }).join(','),
      },
      {
        flag: 'port',
        short: 'p',
        env: 'CODEXD_PORT',
        legacyEnv: 'CODEX_AS_API_PORT',
        expects: 'a port number up to 65535',
        help: 'Port of the first address to listen on; 0 picks one.',
        read: (port, current) => withHostOrPort(current, { port }).join(','),
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
    help: 'API key that clients must send; required for listening beyond loopback.',
  }),
  keys: key(apiKeys(), {
    default: [],
    only: 'file',
    help: 'Named API keys, each a [[server.keys]] table with name, sha256 and optionally models and limits; created by `codexd config key add NAME`.',
  }),
  noApiKey: key(toggle(), {
    default: false,
    flag: 'no-api-key',
    help: 'Do not require a key, even if keys are set; other machines stay blocked unless `insecure_no_api_key` is set.',
  }),
  insecureNoApiKey: key(toggle(), {
    default: false,
    flag: 'insecure-no-api-key',
    help: 'Allow calls from other machines without a key.',
  }),
  readyFile: key(path(), {
    flag: 'ready-file',
    help: 'File that receives the listening addresses once the daemon is ready.',
  }),
  corsOrigins: key(list(text(originForm, webOrigin, 'ORIGIN')), {
    default: [],
    flag: 'cors-origins',
    help: 'Web origins that may call the daemon; "*" requires an API key.',
  }),
  allowedHosts: key(list(text()), {
    default: [],
    flag: 'allowed-hosts',
    help: 'Host names clients may use besides loopback and the listen addresses.',
  }),
  jsonLimitMb: key(megabytes(), { default: 32, help: 'Maximum size of a JSON body, in MiB.' }),
  bodyMemoryMb: key(megabytes(), {
    default: 256,
    help: 'Memory for request bodies, in MiB; further requests wait a moment, then get 503.',
  }),
  audioLimitMb: key(megabytes(), {
    default: 50,
    flag: 'max-upload-mb',
    legacyEnv: [
      { name: 'CODEX_ASR_MAX_UPLOAD_MB' },
      { name: 'OPEN_ASR_SERVER_MAX_UPLOAD_BYTES', read: (bytes) => String(Number(bytes) / 1024 ** 2) },
    ],
    help: 'Maximum size of an audio upload, in MiB.',
  }),
  concurrency: key(count(1), {
    default: 1024,
    help: 'Maximum concurrent upstream turns.',
  }),
  queue: key(count(), { default: 1024, help: 'Turns that may wait for a free slot; further ones get 429.' }),
  imageConcurrency: key(count(1), { default: 8, help: 'Maximum concurrent images.' }),
  imageQueue: key(count(), {
    default: 64,
    help: 'Images that may wait for a free slot; further ones get 429.',
  }),
  queueTimeoutSeconds: key(seconds(), { default: 60, help: 'Maximum wait for a free slot, then 429.' }),
  rateLimitPerMinute: key(count(), {
    default: 0,
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_RATE_LIMIT_PER_MINUTE' }],
    help: 'Requests per minute and key; 0 means no limit.',
  }),
  strict: key(toggle(), {
    default: false,
    flag: 'strict',
    help: 'Reject requests (400) that use an unsupported option affecting the answer; other ignored options are only reported.',
  }),
  keepalive: key(choice(['comment', 'chunk', 'off']), {
    default: 'comment',
    help: 'How an idle stream is kept alive.',
  }),
  keepaliveSeconds: key(seconds(), { default: 15, help: 'Idle time before a keep-alive is sent.' }),
  shutdownGraceSeconds: key(seconds(), {
    default: 30,
    help: 'How long running turns may take to finish after SIGTERM.',
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
        read: (url) => url.replace(/(?<!\/)\/+$/, '').replace(/(?:\/codex)?\/responses$/, ''),
      },
    ],
    codex: 'chatgpt_base_url',
    help: 'URL of the model API; plain http only on loopback.',
  }),
  issuer: key(text('an https URL', serverUrl, 'URL'), {
    default: 'https://auth.openai.com',
    flag: 'issuer',
    env: ['CODEXD_ISSUER'],
    help: 'URL of the login server; plain http only on loopback.',
  }),
  clientId: key(text(), {
    default: 'app_EMoamEEZ73f0CkXaXp7hrann',
    legacyEnv: [{ name: 'CHATGPT_LOCAL_CLIENT_ID' }],
    help: 'OAuth client ID.',
  }),
  tokenUrl: key(text('an https URL', serverUrl, 'URL'), {
    env: ['CODEX_REFRESH_TOKEN_URL_OVERRIDE'],
    help: "URL for refreshing tokens, if not the issuer's /oauth/token.",
  }),
  originator: key(text(), { default: 'codexd', help: 'Originator that codexd sends upstream.' }),
  userAgent: key(text(), { help: 'User-Agent sent upstream; default codexd/<version> (<os>; <arch>).' }),
  clientVersion: key(text(), {
    default: '0.171.0',
    help: 'Codex version sent upstream; an old one hides newer models.',
  }),
  redeemResets: key(toggle(), {
    default: false,
    help: 'Let Codex clients redeem the rate limit resets of the account, which cannot be undone.',
  }),
  shape: key(choice(['classic', 'lite', 'auto']), {
    default: 'classic',
    help: 'Form of upstream requests: "lite" for models whose catalogue entry says so; "auto" only after "classic" was refused.',
  }),
  proxy: key(proxy(), {
    flag: 'proxy',
    env: ['CODEXD_PROXY'],
    legacyEnv: [{ name: 'CODEX_ASR_PROXY' }, { name: 'CODEX_VOICE_PROXY' }],
    help: 'Proxy for the upstream and the login server; without it, HTTPS_PROXY and NO_PROXY apply.',
  }),
  caFile: key(path(), {
    flag: 'ca-file',
    env: ['CODEX_CA_CERTIFICATE'],
    help: 'PEM file with additional certificate authorities.',
  }),
  connectTimeoutSeconds: key(seconds(), {
    default: 15,
    flag: 'connect-timeout-seconds',
    legacyEnv: [{ name: 'CODEX_ASR_CONNECT_TIMEOUT_SECONDS' }],
    help: 'Connection timeout.',
  }),
  firstByteTimeoutSeconds: key(seconds(), {
    default: 120,
    help: 'Timeout for the response headers.',
  }),
  idleTimeoutSeconds: key(seconds(), { default: 300, help: 'Idle timeout while a response streams.' }),
  totalTimeoutSeconds: key(seconds(), { default: 0, help: 'Timeout for a whole turn; 0 means none.' }),
  retries: key(count(), { default: 3, help: 'Retries; none after the first byte has reached the client.' }),
  retryBudgetSeconds: key(seconds(), { default: 30, help: 'Timeout for all attempts of a turn together.' }),
  compression: key(choice(['auto', 'none', 'zstd']), {
    default: 'auto',
    help: 'Compression of request bodies; `auto` compresses those above 256 KB, and all from Codex.',
  }),
};

const auth = {
  bearer: key(text(), {
    flag: 'bearer',
    env: ['CODEXD_BEARER'],
    legacyEnv: [{ name: 'CODEX_ASR_BEARER' }, { name: 'CHATGPT_ACCESS_TOKEN' }],
    secret: true,
    help: 'Access token to use; codexd never refreshes it.',
  }),
  accountId: key(text(), {
    flag: 'account-id',
    legacyEnv: [{ name: 'CHATGPT_ACCOUNT_ID' }],
    help: "Account ID to use instead of the token's.",
  }),
  authFile: key(path(), {
    flag: 'auth-file',
    env: ['CODEXD_AUTH_FILE'],
    legacyEnv: [{ name: 'CODEX_AS_API_AUTH_PATH' }],
    help: 'Use this auth.json instead of the default locations.',
  }),
  authJson: key(text(), {
    env: ['OPENAI_CODEX_AUTH'],
    only: 'env',
    secret: true,
    help: 'Login to use, as the content of an auth.json.',
  }),
  readonly: key(toggle(), {
    default: false,
    flag: 'auth-readonly',
    help: "Never refresh or write a login that is not codexd's own, such as the Codex CLI's.",
  }),
};

const models = {
  default: key(text(), {
    flag: 'model',
    env: ['CODEXD_MODEL'],
    legacyEnv: [{ name: 'CODEX_AS_API_MODEL' }],
    codex: 'model',
    help: "Model to use when a client requests none codexd offers; defaults to the catalogue's first.",
  }),
  override: key(text(), {
    legacyEnv: [{ name: 'DEBUG_MODEL' }],
    help: 'Model to use for every request, whatever model it names.',
  }),
  aliases: key(table(), {
    default: {},
    help: 'Model names or globs that clients use, and the model each maps to ("default" for the default model).',
  }),
  allowed: key(list(text()), {
    default: [],
    help: 'Globs of models that clients may use; empty allows all.',
  }),
  unknown: key(choice(['error', 'default']), {
    default: 'error',
    help: 'How OpenAI and Anthropic routes treat an unknown model name: 404, or the default model.',
  }),
  verbosity: key(choice(['low', 'medium', 'high']), {
    codex: 'model_verbosity',
    help: 'Verbosity for requests that set none.',
  }),
  contextWindow: key(count(1), {
    codex: 'model_context_window',
    help: "Context window to report, up to the model's maximum.",
  }),
  autoCompactTokenLimit: key(count(1), {
    codex: 'model_auto_compact_token_limit',
    help: 'Token count at which clients should compact.',
  }),
};

/** The names of `reasoning.style` in ChatMock and codex-openai-wrapper. */
const reasoningCompat: ReadonlyMap<string, string> = new Map([
  ['legacy', 'reasoning_content'],
  ['current', 'reasoning_content'],
  ['standard', 'reasoning_content'],
]);

export const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ultra'] as const;

const reasoning = {
  effort: key(choice(efforts), {
    flag: 'effort',
    legacyEnv: [{ name: 'REASONING_EFFORT' }],
    codex: 'model_reasoning_effort',
    help: "Reasoning effort for requests that set none; defaults to the model's own.",
  }),
  summary: key(choice(['auto', 'on', 'off', 'concise', 'detailed'], { none: 'off' }), {
    default: 'auto',
    legacyEnv: [{ name: 'REASONING_SUMMARY' }],
    codex: 'model_reasoning_summary',
    help: 'Whether to request reasoning summaries.',
  }),
  style: key(choice(['reasoning_content', 'think-tags', 'o3', 'none']), {
    default: 'reasoning_content',
    legacyEnv: [{ name: 'REASONING_COMPAT', read: (style) => reasoningCompat.get(style) ?? style }],
    help: 'How chat completions return reasoning.',
  }),
};

/** open-asr-server's names for engines, if different. */
const openAsrServerEngines: ReadonlyMap<string, string> = new Map([
  ['whisper-mlx', 'mlx-whisper'],
  ['parakeet', 'parakeet-mlx'],
  ['lightning-whisper', 'lightning-whisper-mlx'],
]);

const transcription = {
  engine: key(text(), {
    default: 'chatgpt',
    flag: 'engine',
    legacyEnv: [{ name: 'OPEN_ASR_DEFAULT_BACKEND', read: (id) => openAsrServerEngines.get(id) ?? id }],
    help: 'Speech engine for requests whose model does not name one.',
  }),
  model: key(text(), {
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_DEFAULT_MODEL' }],
    help: "Speech model for requests that name none or one of OpenAI's: a model or `engine:model`.",
  }),
  aliases: key(table(), {
    default: {},
    help: 'Speech model names that clients use, and the `engine:model` each maps to.',
  }),
  allowed: key(list(text()), {
    default: [],
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_ALLOWED_MODELS' }],
    help: 'Globs of speech models that clients may use, as `engine:model` or model; empty allows all.',
  }),
  preload: key(list(text()), {
    default: [],
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_PRELOAD' }],
    help: 'Speech models to load before the daemon reports ready.',
  }),
  language: key(text(), { flag: 'language', help: 'Spoken language, for requests that set none.' }),
  endpoint: key(text('an https URL', serverUrl, 'URL'), {
    flag: 'endpoint',
    help: "URL for ChatGPT's transcription, if not the model API's /transcribe.",
  }),
  transport: key(choice(['fetch', 'curl']), {
    default: 'fetch',
    help: 'HTTP client for sending recordings to ChatGPT; "curl" runs the system\'s curl, for networks where "fetch" meets a Cloudflare challenge.',
  }),
  requestTimeoutSeconds: key(positiveSeconds(), {
    default: 300,
    flag: 'request-timeout-seconds',
    legacyEnv: [{ name: 'CODEX_ASR_REQUEST_TIMEOUT_SECONDS' }, { name: 'CODEX_ASR_TIMEOUT_SECONDS' }],
    help: 'Timeout per segment, upload and response, over all attempts.',
  }),
  engineTimeoutSeconds: key(seconds(), {
    default: 0,
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_TRANSCRIBE_TIMEOUT_SECONDS' }],
    help: 'Timeout for one run of a local engine; 0 means none.',
  }),
  concurrency: key(count(1), {
    default: 16,
    flag: 'concurrency',
    help: 'Maximum concurrent transcriptions.',
  }),
  queue: key(count(), {
    default: 128,
    help: 'Transcriptions that may wait for a free slot; further ones get 429.',
  }),
  workers: key(count(1), {
    default: 1,
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_TRANSCRIBE_WORKERS' }],
    help: 'Maximum concurrent jobs per local engine.',
  }),
  pieceSeconds: key(count(30), {
    default: 300,
    help: 'Split longer recordings at pauses for ChatGPT, which drops text from long ones.',
  }),
  engines: key(engines(), {
    default: [],
    only: 'file',
    help: 'Custom speech-engine definitions, each a [[transcription.engines]] table with id and kind.',
  }),
  modelDirs: key(list(path()), {
    default: [],
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_MODEL_DIR' }],
    help: "Directories holding local engines' models.",
  }),
  hfToken: key(text(), {
    legacyEnv: [{ name: 'OPEN_ASR_SERVER_HF_TOKEN' }],
    secret: true,
    help: 'Hugging Face token for engines that download models.',
  }),
  ffmpeg: key(path(), { help: 'Path of ffmpeg, if not the one on PATH.' }),
  silkDecoder: key(path(), {
    flag: 'silk-decoder',
    legacyEnv: [{ name: 'CODEX_ASR_SILK_DECODER' }],
    help: 'Path of a rust-silk program that decodes SILK instead of the built-in decoder.',
  }),
  keepSilk: key(toggle(), {
    default: false,
    flag: 'no-silk-decode',
    help: 'Send SILK recordings without decoding them; ChatGPT rejects them.',
  }),
  silkSampleRate: key(rate([8000, 12000, 16000, 24000, 32000, 44100, 48000]), {
    default: 24000,
    flag: 'silk-sample-rate',
    help: 'Sample rate for decoding SILK for ChatGPT, in Hz.',
  }),
};

const tailscale = {
  trustIdentity: key(toggle(), {
    default: false,
    help: 'Accept the identity that `tailscale serve` on this machine adds to requests, in place of a key.',
  }),
  allowedLogins: key(list(text()), {
    default: [],
    help: 'Tailscale logins, or globs of them, that `tailscale.trust_identity` accepts.',
  }),
};

const quota = {
  stopAt: key(percent(), {
    default: 0,
    help: 'Used percent of a plan window at which codexd refuses new turns, to keep the rest free; 0 means never.',
  }),
  hold: key(seconds(), {
    default: 0,
    help: 'How long a turn may wait for the plan to reset, in seconds, while its stream is kept alive; 0 refuses it at once.',
  }),
};

const store = {
  kind: key(choice(['memory', 'sqlite', 'redis', 'off']), {
    default: 'memory',
    help: 'Where responses are stored that later requests refer to (`previous_response_id`, `item_reference`).',
  }),
  path: key(path(), {
    help: 'SQLite file for stored responses; default: responses.sqlite in the state directory.',
  }),
  redisUrl: key(text('a redis:// or rediss:// URL', redisUrl, 'URL'), {
    secret: true,
    help: 'Redis or Valkey server for stored responses, which several daemons can share; default redis://127.0.0.1:6379.',
  }),
  ttlDays: key(days(), { default: 30, help: 'Days that a stored response is kept after its last use.' }),
  maxEntries: key(count(1), {
    default: 10_000,
    help: 'Maximum stored responses and output items, in memory or SQLite; the least recently used go first.',
  }),
  maxMb: key(megabytes(), {
    default: 64,
    help: 'Maximum size of all stored responses, in memory or SQLite, in MiB.',
  }),
};

const ledger = {
  kind: key(choice(['sqlite', 'memory', 'off']), {
    default: 'sqlite',
    help: 'Where requests and tokens are counted, for `codexd usage`; never what they contained.',
  }),
  retentionDays: key(days(), { default: 400, help: 'Days for which counts are kept.' }),
};

const log = {
  level: key(choice(['debug', 'info', 'warn', 'error', 'silent']), {
    default: 'info',
    flag: 'log-level',
    legacyEnv: [{ name: 'VERBOSE', read: (on) => (/^(1|true|yes|on)$/i.test(on) ? 'debug' : undefined) }],
    help: 'Minimum level to log; commands other than serve default to warn.',
  }),
  format: key(choice(['json', 'pretty']), {
    default: 'pretty',
    flag: 'log-format',
    help: 'Format of log lines.',
  }),
  file: key(path(), {
    flag: 'log-file',
    help: "File for the daemon's log, instead of stderr; only its owner can read it.",
  }),
  maxMb: key(megabytes(), { default: 10, help: 'Size at which the log file is rotated, in MiB.' }),
  files: key(count(1), { default: 5, help: 'Log files to keep, including the current one.' }),
};

const ollama = {
  url: key(text('an http or https URL', plainUrl, 'URL'), {
    legacyEnv: [{ name: 'OLLAMA_API_URL' }],
    help: 'URL of a real Ollama server, for models that codexd does not have.',
  }),
};

const gateway = {
  managedSettings: key(toggle(), {
    default: false,
    help: "Give Claude Code its models and context window as managed settings once it has logged in; they override its user's own.",
  }),
  tokenMinutes: key(count(1), {
    default: 480,
    help: "Lifetime of Claude Code's access tokens, which it refreshes automatically.",
  }),
};

export const schema = {
  server,
  upstream,
  auth,
  models,
  reasoning,
  transcription,
  tailscale,
  quota,
  store,
  ledger,
  gateway,
  log,
  ollama,
};

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
    const snake = snakeCase(name);
    return {
      path: `${section}.${snake}`,
      section: section as SectionName,
      name,
      variable: `CODEXD_${section}_${snake}`.toUpperCase(),
      key: key as Key<unknown>,
    };
  }),
);
