import { describe, expect, test } from 'bun:test';
import { inspect, type LoadOptions, load } from '../../src/config/load.ts';
import type { Config } from '../../src/config/schema.ts';
import { Failure } from '../../src/failure.ts';

const configPath = '/home/me/.config/codexd/config.toml';
const codexPath = '/home/me/.codex/config.toml';

type Given = Partial<LoadOptions> & { file?: string; codex?: string; files?: Record<string, string> };

function options({ file, codex, files, ...rest }: Given = {}): LoadOptions {
  const texts: Record<string, string | undefined> = { [configPath]: file, [codexPath]: codex, ...files };
  return {
    env: {},
    flags: {},
    platform: 'linux',
    homedir: '/home/me',
    readFile: (path) => texts[path],
    ...rest,
  };
}

function failure(given: Given): Failure {
  try {
    load(options(given));
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('expected a Failure');
}

describe('credentials of the service manager', () => {
  const directory = '/run/credentials/codexd.service';
  const file = '[server]\napi_key = "from-the-file"';
  const files = { [`${directory}/server.api_key`]: 'from-a-credential\n' };
  const env = { CREDENTIALS_DIRECTORY: directory };

  test('override config.toml; the environment overrides them', () => {
    const { config, sources } = load(options({ file, files, env }));
    expect(config.server.apiKey).toBe('from-a-credential');
    expect(sources['server.api_key']).toEqual({ layer: 'credential', at: `${directory}/server.api_key` });
    const overridden = load(
      options({ file, files, env: { ...env, CODEXD_API_KEY: 'from-the-environment' } }),
    );
    expect(overridden.config.server.apiKey).toBe('from-the-environment');
  });

  test('are read only for secret settings, and only if the service manager names a directory', () => {
    const others = { ...files, [`${directory}/models.default`]: 'gpt-5.5' };
    expect(load(options({ files: others, env })).config.models.default).toBeUndefined();
    for (const CREDENTIALS_DIRECTORY of ['', 'relative']) {
      expect(load(options({ file, files, env: { CREDENTIALS_DIRECTORY } })).config.server.apiKey).toBe(
        'from-the-file',
      );
    }
  });

  test('an empty one counts as not set', () => {
    const empty = { [`${directory}/server.api_key`]: '\n' };
    expect(load(options({ file, files: empty, env })).config.server.apiKey).toBe('from-the-file');
  });

  test('one that cannot be read is an error', () => {
    const readFile = (path: string) => {
      if (path.startsWith(directory)) throw new Failure('invalid_request', `Cannot read ${path}.`);
      return undefined;
    };
    expect(failure({ env, readFile }).message).toBe(`Cannot read ${directory}/server.api_key.`);
  });
});

describe('layers: defaults < Codex < file < environment < flags', () => {
  const codex = 'model = "from-codex"';
  const file = '[models]\ndefault = "from-file"';
  const env = { CODEXD_MODEL: 'from-env' };
  const flags = { model: 'from-flag' };
  const rows: [string, Given, string | undefined, string][] = [
    ['nothing set', {}, undefined, 'default'],
    ["Codex's file", { codex }, 'from-codex', `${codexPath}:1`],
    ['config.toml', { codex, file }, 'from-file', `${configPath}:2`],
    ['the environment', { codex, file, env }, 'from-env', 'CODEXD_MODEL'],
    ['a flag', { codex, file, env, flags }, 'from-flag', '--model'],
  ];
  test.each(rows)('%s', (_, given, value, at) => {
    const { config, sources } = load(options(given));
    expect(config.models.default).toBe(value);
    expect(sources['models.default']!.at).toBe(at);
  });

  test('the config is deeply frozen', () => {
    const { config } = load(options({ file: '[models.aliases]\n"gpt-4*" = "default"' }));
    for (const value of [config, config.models, config.models.aliases, config.server.listen]) {
      expect(Object.isFrozen(value)).toBe(true);
    }
  });
});

describe("Codex's config.toml", () => {
  test('only the documented keys are read', () => {
    const { config, notices } = load(
      options({
        codex: [
          'model = "gpt-5.5"',
          'model_reasoning_effort = "high"',
          'model_reasoning_summary = "none"',
          'model_verbosity = "low"',
          'model_context_window = 272000',
          'model_auto_compact_token_limit = 200000',
          'chatgpt_base_url = "https://chatgpt.com/"',
          'approval_policy = "never"',
          '[server]',
          'listen = ["0.0.0.0:1"]',
        ].join('\n'),
      }),
    );
    expect(config.models).toMatchObject({
      default: 'gpt-5.5',
      verbosity: 'low',
      contextWindow: 272000,
      autoCompactTokenLimit: 200000,
    });
    expect(config.reasoning).toMatchObject({ effort: 'high', summary: 'off' });
    expect(config.upstream.baseUrl).toBe('https://chatgpt.com/backend-api');
    expect(config.server.listen).toEqual(['127.0.0.1:8787']);
    expect(notices).toEqual([]);
  });

  test("integers of 64 bits are TOML, in the Codex CLI file as in codexd's own", () => {
    const codex = 'model = "gpt-5.5"\ntool_output_token_limit = 9223372036854775807';
    expect(load(options({ codex })).config.models.default).toBe('gpt-5.5');
    const { message } = failure({ file: '[server]\nqueue = 9223372036854775807' });
    expect(message).toStartWith(`${configPath}:2: \`server.queue\` must be a whole number`);
  });

  test('an invalid value causes a notice, not a failure', () => {
    const { config, notices } = load(options({ codex: 'model_verbosity = "epic"' }));
    expect(config.models.verbosity).toBeUndefined();
    expect(notices).toEqual([
      `${codexPath}:1: ignoring \`model_verbosity\`; codexd accepts one of "low", "medium", "high".`,
    ]);
  });
});

describe('unknown keys and wrong types name file, line and the nearest key (exit 2)', () => {
  const rows: [string, string, string][] = [
    ['[server]\n\nlisten = "a:1"', `${configPath}:3: \`server.listen\` must be a non-empty list`, ''],
    ['[server]\nlissten = []', `${configPath}:2: unknown setting \`server.lissten\`.`, '`server.listen`'],
    ['[servr]\nlisten = []', `${configPath}:1: unknown setting \`servr\`.`, '`server`'],
    ['listen = []', `${configPath}:1: unknown setting \`listen\`.`, '`server.listen`'],
    ['server.port = 1', `${configPath}:1: unknown setting \`server.port\`.`, '`server.listen`'],
    ['[auth]\nauth_json = "{}"', `${configPath}:2: unknown setting \`auth.auth_json\`.`, ''],
    ['[log]\nlevel = "loud"', `${configPath}:2: \`log.level\` must be one of`, ''],
    [
      '[server]\nqueue = 1.5',
      `${configPath}:2: \`server.queue\` must be a whole number, 0 or more, not 1.5.`,
      '',
    ],
    ['[[server.keys]]\nname = "x"', `${configPath}:1: \`server.keys\` must be tables with name, sha256`, ''],
    ['[server]\nlisten = [', `${configPath}:2 is not valid TOML`, 'Correct that line.'],
    ['[__proto__]\nx = 1', `${configPath}:1`, ''],
    ['[constructor]\nx = 1', `${configPath}:1`, ''],
  ];
  test.each(rows)('%j', (file, message, next) => {
    const caught = failure({ file });
    expect(caught.kind).toBe('invalid_request');
    expect(caught.exitCode).toBe(2);
    expect(caught.message).toStartWith(message);
    expect(caught.advice).toContain(next);
  });

  test('the line is found after multi-line strings and for dotted and quoted keys', () => {
    const file = 'models.aliases."a.b" = """\nlog.level = 1\n"""\n[log]\n"level" = "loud"';
    expect(failure({ file }).message).toStartWith(`${configPath}:`);
    expect(failure({ file: '# x\n"log" . level = "loud"' }).message).toStartWith(`${configPath}:2`);
  });

  test('inspect reports all problems', () => {
    const { problems } = inspect(
      options({ file: '[log]\nlevel = 1\nfoo = 2\n', env: { CODEXD_SERVER_QUEUE: 'x' } }),
    );
    expect(problems.map((problem) => problem.message)).toEqual([
      expect.stringContaining('log.level'),
      expect.stringContaining('log.foo'),
      'CODEXD_SERVER_QUEUE must be a whole number, 0 or more, not "x".',
    ]);
  });

  test('neither a secret of the wrong type nor the text around a syntax error is quoted', () => {
    const wrongType = failure({ file: '[server]\napi_key = ["topsecret"]' });
    const syntax = failure({ file: '[server]\napi_key = "topsecret' });
    const wrongKey = failure({ file: '[[server.keys]]\nname = "a"\nsha256 = "topsecret"' });
    for (const caught of [wrongType, syntax, wrongKey]) {
      expect(`${caught.message} ${caught.advice}`).not.toContain('topsecret');
    }
  });
});

describe('environment', () => {
  test('every variable is CODEXD_<SECTION>_<KEY>', () => {
    const { config, sources } = load(
      options({
        env: { CODEXD_SERVER_JSON_LIMIT_MB: '7.5', CODEXD_MODELS_ALIASES: 'gpt-4*=default, a = b' },
      }),
    );
    expect(config.server.jsonLimitMb).toBe(7.5);
    expect(config.models.aliases).toEqual({ 'gpt-4*': 'default', a: 'b' });
    expect(sources['server.json_limit_mb']).toEqual({ layer: 'env', at: 'CODEXD_SERVER_JSON_LIMIT_MB' });
  });

  const aliases: [string, string, (config: Config) => unknown, unknown][] = [
    ['CODEX_ASR_BEARER', 't', (c) => c.auth.bearer, 't'],
    ['CHATGPT_ACCESS_TOKEN', 't', (c) => c.auth.bearer, 't'],
    ['CODEX_ASR_SERVER_KEY', 'k', (c) => c.server.apiKey, 'k'],
    ['CODEX_PROXY_API_KEY', 'k', (c) => c.server.apiKey, 'k'],
    ['OPEN_ASR_SERVER_API_KEY', 'k', (c) => c.server.apiKey, 'k'],
    ['CODEX_ASR_PROXY', 'http://p:1', (c) => c.upstream.proxy, 'http://p:1'],
    ['CODEX_VOICE_PROXY', 'http://p:1', (c) => c.upstream.proxy, 'http://p:1'],
    ['CODEX_ASR_REQUEST_TIMEOUT_SECONDS', '4', (c) => c.transcription.requestTimeoutSeconds, 4],
    ['CODEX_ASR_TIMEOUT_SECONDS', '5', (c) => c.transcription.requestTimeoutSeconds, 5],
    ['CODEX_ASR_SILK_DECODER', '/bin/rs', (c) => c.transcription.silkDecoder, '/bin/rs'],
    ['CODEX_ASR_CONNECT_TIMEOUT_SECONDS', '3', (c) => c.upstream.connectTimeoutSeconds, 3],
    ['CODEX_ASR_MAX_UPLOAD_MB', '9', (c) => c.server.audioLimitMb, 9],
    ['OPEN_ASR_SERVER_DEFAULT_MODEL', 'base.en', (c) => c.transcription.model, 'base.en'],
    ['OPEN_ASR_SERVER_PRELOAD', 'a:b, c', (c) => c.transcription.preload, ['a:b', 'c']],
    ['OPEN_ASR_SERVER_ALLOWED_MODELS', 'whisper-*,x:y', (c) => c.transcription.allowed, ['whisper-*', 'x:y']],
    ['OPEN_ASR_SERVER_MAX_UPLOAD_BYTES', '26214400', (c) => c.server.audioLimitMb, 25],
    ['OPEN_ASR_SERVER_RATE_LIMIT_PER_MINUTE', '7', (c) => c.server.rateLimitPerMinute, 7],
    ['OPEN_ASR_SERVER_TRANSCRIBE_TIMEOUT_SECONDS', '8', (c) => c.transcription.engineTimeoutSeconds, 8],
    ['OPEN_ASR_SERVER_TRANSCRIBE_WORKERS', '2', (c) => c.transcription.workers, 2],
    ['OPEN_ASR_SERVER_MODEL_DIR', '~/models', (c) => c.transcription.modelDirs, ['/home/me/models']],
    ['OPEN_ASR_SERVER_HF_TOKEN', 'hf_x', (c) => c.transcription.hfToken, 'hf_x'],
    ['OPEN_ASR_DEFAULT_BACKEND', 'faster-whisper', (c) => c.transcription.engine, 'faster-whisper'],
    ['OPEN_ASR_DEFAULT_BACKEND', 'whisper-mlx', (c) => c.transcription.engine, 'mlx-whisper'],
    ['CODEX_AS_API_HOST', '::1', (c) => c.server.listen, ['[::1]:8787']],
    ['CODEX_AS_API_PORT', '9000', (c) => c.server.listen, ['127.0.0.1:9000']],
    ['CODEX_AS_API_MODEL', 'm', (c) => c.models.default, 'm'],
    ['CODEX_AS_API_AUTH_PATH', '~/a.json', (c) => c.auth.authFile, '/home/me/a.json'],
    ['CHATGPT_ACCOUNT_ID', 'acc', (c) => c.auth.accountId, 'acc'],
    ['CHATGPT_LOCAL_CLIENT_ID', 'app', (c) => c.upstream.clientId, 'app'],
    [
      'CHATGPT_RESPONSES_URL',
      'https://h/backend-api/codex/responses',
      (c) => c.upstream.baseUrl,
      'https://h/backend-api',
    ],
    ['OLLAMA_API_URL', 'http://box:11434/', (c) => c.ollama.url, 'http://box:11434'],
    ['REASONING_EFFORT', 'high', (c) => c.reasoning.effort, 'high'],
    ['REASONING_SUMMARY', 'none', (c) => c.reasoning.summary, 'off'],
    ['REASONING_COMPAT', 'legacy', (c) => c.reasoning.style, 'reasoning_content'],
    ['REASONING_COMPAT', 'think-tags', (c) => c.reasoning.style, 'think-tags'],
    ['DEBUG_MODEL', 'm', (c) => c.models.override, 'm'],
    ['VERBOSE', 'true', (c) => c.log.level, 'debug'],
  ];
  test.each(aliases)('%s=%s of an older project works, with a notice', (name, value, read, expected) => {
    const { config, notices } = load(options({ env: { [name]: value } }));
    expect(read(config)).toEqual(expected);
    expect(notices).toHaveLength(1);
    expect(notices[0]).toStartWith(`${name} is deprecated`);
    expect(notices[0]).toMatch(/use CODEXD_\w+ instead/);
  });

  const own: [string, string, (config: Config) => unknown, unknown][] = [
    ['OPENAI_CODEX_AUTH', '{}', (c) => c.auth.authJson, '{}'],
    ['CODEX_CA_CERTIFICATE', '/ca.pem', (c) => c.upstream.caFile, '/ca.pem'],
    [
      'CODEX_REFRESH_TOKEN_URL_OVERRIDE',
      'http://127.0.0.1:1/t',
      (c) => c.upstream.tokenUrl,
      'http://127.0.0.1:1/t',
    ],
    ['CODEXD_LISTEN', 'unix:/run/x,[::1]:0', (c) => c.server.listen, ['unix:/run/x', '[::1]:0']],
    ['CODEXD_PORT', '0', (c) => c.server.listen, ['127.0.0.1:0']],
  ];
  test.each(own)(
    "%s, codexd's or the Codex CLI's, is read without a notice",
    (name, value, read, expected) => {
      const { config, notices } = load(options({ env: { [name]: value } }));
      expect(read(config)).toEqual(expected);
      expect(notices).toEqual([]);
    },
  );

  test("codexd's own variable beats the older name, which then causes no notice", () => {
    const env = {
      CODEXD_LISTEN: 'h:1',
      CODEX_AS_API_PORT: '2',
      CODEXD_API_KEY: 'a',
      CODEX_PROXY_API_KEY: 'b',
    };
    const { config, notices } = load(options({ env }));
    expect(config.server.listen).toEqual(['h:1']);
    expect(config.server.apiKey).toBe('a');
    expect(notices).toEqual([]);
  });

  const firsts: [first: string, second: string, value: string, read: (config: Config) => unknown][] = [
    ['CODEX_ASR_PROXY', 'CODEX_VOICE_PROXY', 'http://p:1', (c) => c.upstream.proxy],
    [
      'CODEX_ASR_REQUEST_TIMEOUT_SECONDS',
      'CODEX_ASR_TIMEOUT_SECONDS',
      '4',
      (c) => `${c.transcription.requestTimeoutSeconds}`,
    ],
  ];
  test.each(firsts)('%s beats %s, unless it is empty', (first, second, value, read) => {
    const other = value.replace(/\d$/, '2');
    expect(read(load(options({ env: { [second]: other, [first]: value } })).config)).toBe(value);
    expect(read(load(options({ env: { [second]: other, [first]: '' } })).config)).toBe(other);
  });

  test('OPENAI_API_KEY is not read as the server key', () => {
    expect(load(options({ env: { OPENAI_API_KEY: 'sk-x' } })).config.server.apiKey).toBeUndefined();
  });

  test('an empty variable counts as not set, VERBOSE=0 changes nothing', () => {
    const { config, notices } = load(options({ env: { CODEXD_API_KEY: '', VERBOSE: '0' } }));
    expect(config.server.apiKey).toBeUndefined();
    expect(config.log.level).toBe('info');
    expect(notices).toEqual([]);
  });

  test('a mistyped variable causes a notice with the nearest name', () => {
    const env = { CODEXD_LISTN: 'h:1', CODEXD_PROFILE: 'default' };
    expect(load(options({ env })).notices).toEqual([
      'CODEXD_LISTN is not a codexd variable; did you mean CODEXD_LISTEN?',
    ]);
  });
});

describe('flags', () => {
  test('--listen may be repeated, --host and --port change its first HOST:PORT', () => {
    const listen = (flags: LoadOptions['flags']) => load(options({ flags })).config.server.listen;
    expect(listen({ listen: ['unix:/a', '127.0.0.1:0'] })).toEqual(['unix:/a', '127.0.0.1:0']);
    expect(listen({ port: '9000' })).toEqual(['127.0.0.1:9000']);
    expect(listen({ host: '0.0.0.0', port: '1' })).toEqual(['0.0.0.0:1']);
    expect(listen({ listen: ['unix:/a', 'h:1'], port: '2' })).toEqual(['unix:/a', 'h:2']);
    expect(listen({ listen: ['unix:/a'], port: '2' })).toEqual(['127.0.0.1:2', 'unix:/a']);
  });

  const ofCodexAsr: [flag: string, value: string | boolean, (config: Config) => unknown, unknown][] = [
    ['bearer', 't', (c) => c.auth.bearer, 't'],
    ['account-id', 'acc', (c) => c.auth.accountId, 'acc'],
    ['auth-file', '~/a.json', (c) => c.auth.authFile, '/home/me/a.json'],
    ['endpoint', 'https://h/t', (c) => c.transcription.endpoint, 'https://h/t'],
    ['proxy', 'http://p:1', (c) => c.upstream.proxy, 'http://p:1'],
    ['request-timeout-seconds', '9', (c) => c.transcription.requestTimeoutSeconds, 9],
    ['connect-timeout-seconds', '8', (c) => c.upstream.connectTimeoutSeconds, 8],
    ['language', 'en', (c) => c.transcription.language, 'en'],
    ['silk-decoder', '/bin/rs', (c) => c.transcription.silkDecoder, '/bin/rs'],
    ['silk-sample-rate', '16000', (c) => c.transcription.silkSampleRate, 16_000],
    ['no-silk-decode', true, (c) => c.transcription.keepSilk, true],
    ['host', '::1', (c) => c.server.listen, ['[::1]:8787']],
    ['port', '8788', (c) => c.server.listen, ['127.0.0.1:8788']],
    ['api-key', 'k', (c) => c.server.apiKey, 'k'],
    ['no-api-key', true, (c) => c.server.noApiKey, true],
    ['concurrency', '4', (c) => c.transcription.concurrency, 4],
    ['max-upload-mb', '9', (c) => c.server.audioLimitMb, 9],
  ];
  test.each(ofCodexAsr)('--%s %p of codex-asr', (flag, value, read, expected) => {
    const { config, notices } = load(options({ flags: { [flag]: value } }));
    expect(read(config)).toEqual(expected);
    expect(notices).toEqual([]);
  });

  test('the defaults are those of codex-asr', () => {
    const { transcription, server } = load(options()).config;
    expect(transcription).toMatchObject({
      ...{ requestTimeoutSeconds: 300, silkSampleRate: 24_000, keepSilk: false, concurrency: 16 },
    });
    expect(server.audioLimitMb).toBe(50);
  });

  const wrong: [LoadOptions['flags'], string][] = [
    [{ 'request-timeout-seconds': '0' }, '--request-timeout-seconds must be'],
    [{ 'max-upload-mb': '0' }, '--max-upload-mb must be a number of megabytes above 0'],
    [{ 'silk-sample-rate': '22050' }, '--silk-sample-rate must be'],
    [{ port: '80000' }, '--port must be a port number up to 65535, not "80000".'],
    [{ concurrency: '0' }, '--concurrency must be a whole number, 1 or more, not "0".'],
    [{ listen: ['8787'] }, '--listen must be a non-empty list, each item HOST:PORT or unix:/path'],
    [{ listen: [''] }, '--listen must be a non-empty list'],
    [{ 'api-key': '' }, '--api-key must be a non-empty string.'],
  ];
  test.each(wrong)('%j is rejected', (flags, message) => {
    expect(failure({ flags }).message).toStartWith(message);
  });
});

describe('addresses', () => {
  const refused: [string, LoadOptions['flags'], string][] = [
    [
      'plain http beyond loopback',
      { upstream: 'http://example.com' },
      'plain http would send the login unencrypted',
    ],
    [
      'a host name that starts like a loopback address',
      { upstream: 'http://127.0.0.1.evil.com' },
      'plain http',
    ],
    ['the issuer over plain http', { issuer: 'http://10.0.0.1' }, 'plain http'],
    ['not a URL', { upstream: 'chatgpt.com' }, 'an https URL'],
    ['a socks5 proxy', { proxy: 'socks5://p:1' }, 'SOCKS proxies are not supported'],
    ['a socks5h proxy', { proxy: 'socks5h://p:1' }, 'SOCKS proxies are not supported'],
  ];
  test.each(refused)('%s', (_, flags, why) => {
    expect(failure({ flags }).message).toContain(why);
  });

  test.each([
    'redis://127.0.0.1:6379',
    'rediss://:pw@redis.example:6380/2',
    'redis+unix:///run/redis.sock',
    'valkey://x:1',
  ])('the Redis %s is accepted', (url) => {
    expect(load(options({ env: { CODEXD_STORE_REDIS_URL: url } })).config.store.redisUrl).toBe(url);
  });

  test.each(['http://x', 'localhost:6379', 'redis', 'redis+unix://:pw@/run/redis.sock'])(
    'the Redis %s is not, and is not quoted',
    (url) => {
      const { message } = failure({ env: { CODEXD_STORE_REDIS_URL: url } });
      expect(message).toContain('CODEXD_STORE_REDIS_URL must be');
      expect(message).not.toContain(`"${url}"`);
    },
  );

  test.each(['http://127.0.0.1:9', 'http://localhost:9', 'http://[::1]:9', 'https://x.example'])(
    '%s is accepted',
    (url) => {
      expect(load(options({ flags: { upstream: `${url}/` } })).config.upstream.baseUrl).toBe(url);
    },
  );

  test('a SOCKS proxy from the environment is rejected too, unless `upstream.proxy` is set', () => {
    const env = { ALL_PROXY: 'socks5://p:1' };
    expect(failure({ env })).toMatchObject({
      message: 'ALL_PROXY is a SOCKS proxy, which codexd does not support.',
    });
    expect(load(options({ env: { ...env, CODEXD_PROXY: 'p:2' } })).config.upstream.proxy).toBe('http://p:2');
    expect(
      load(options({ env: { ...env, HTTPS_PROXY: 'http://q:1' } })).config.upstream.proxy,
    ).toBeUndefined();
  });

  test("a proxy's password is not quoted", () => {
    expect(failure({ flags: { proxy: 'ftp://me:hidden@p' } }).message).not.toContain('hidden');
  });
});

describe('profiles and files', () => {
  test('a profile has its own file, on top of the main one, and its own state', () => {
    const { config, paths, profile } = load(
      options({
        profile: 'work',
        file: '[models]\ndefault = "a"\nunknown = "default"',
        files: { '/home/me/.config/codexd/work.config.toml': '[models]\ndefault = "b"' },
      }),
    );
    expect(profile).toBe('work');
    expect(config.models).toMatchObject({ default: 'b', unknown: 'default' });
    expect(paths.authFile).toBe('/home/me/.local/state/codexd/work/auth.json');
  });

  test.each(['../x', 'a/b', '', '.'])('profile %j is rejected', (profile) => {
    expect(failure({ profile }).code).toBe('invalid_profile');
  });

  test('an explicitly chosen file must exist, the default one need not', () => {
    expect(failure({ configFile: '/nope.toml' }).message).toBe(
      'The configuration file /nope.toml does not exist.',
    );
    expect(failure({ env: { CODEXD_CONFIG: '/nope.toml' } }).message).toContain('/nope.toml');
  });

  test('API keys', () => {
    const sha256 = 'AB'.repeat(32);
    const { config } = load(
      options({
        file: `[[server.keys]]\nname = "phone"\nsha256 = "${sha256}"\nmodels = ["gpt-6*"]\nper_minute = 5`,
      }),
    );
    expect(config.server.keys).toEqual([
      { name: 'phone', sha256: sha256.toLowerCase(), models: ['gpt-6*'], perMinute: 5 },
    ]);
  });
});
