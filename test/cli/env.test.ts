import { describe, expect, test } from 'bun:test';
import { clients } from '../../src/cli/env/clients.ts';
import { describeDaemon } from '../../src/cli/env/daemon.ts';
import { load } from '../../src/config/load.ts';
import { Failure } from '../../src/failure.ts';
import { namingOf } from '../../src/models/aliases.ts';
import { readModels } from '../../src/models/model.ts';
import { gatewayToken } from '../../src/server/middleware/gateway-token.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { env } from './env-support.ts';
import { codexd } from './fake.ts';
import { emptyHome, runCodexd, startCodexd } from './process.ts';

const key = 'cdx_0123456789abcdef';

async function failure(work: Promise<unknown>): Promise<Failure> {
  const thrown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (thrown instanceof Failure) return thrown;
  throw new Error(`expected a Failure, not ${thrown}`);
}

describe('the settings of each client', () => {
  test('Claude Code, with its context window and its output limit', async () => {
    const { out, err } = await env(['claude']);
    expect(out).toBe(
      [
        'export ANTHROPIC_BASE_URL=http://127.0.0.1:8787',
        `export ANTHROPIC_AUTH_TOKEN=${gatewayToken('codexd')}`,
        "export ANTHROPIC_API_KEY=''",
        "export ANTHROPIC_MODEL=''",
        'export ANTHROPIC_DEFAULT_MODEL=gpt-6.1-sol',
        ...picker('opus', 'gpt-6.1-sol', 'GPT-6.1 Sol', '272k'),
        ...picker('sonnet', 'gpt-6.1-sol', 'GPT-6.1 Sol', '272k'),
        ...picker('fable', 'gpt-6.1-sol', 'GPT-6.1 Sol', '272k'),
        ...picker('haiku', 'gpt-6-luna', 'GPT-6 Luna', '200k'),
        'export CLAUDE_CODE_SUBAGENT_MODEL=gpt-6.1-sol',
        'export CLAUDE_CODE_MAX_CONTEXT_TOKENS=272000',
        'export CLAUDE_CODE_DISABLE_1M_CONTEXT=1',
        'export CLAUDE_CODE_MAX_OUTPUT_TOKENS=128000',
        'export CLAUDE_CODE_ATTRIBUTION_HEADER=0',
        'export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1',
        'export CLAUDE_CODE_AUTO_MODE_SERVER=0',
        '',
      ].join('\n'),
    );
    expect(err).toContain('gpt-6-luna has 200,000');
  });

  const picker = (family: string, model: string, name: string, window: string) => {
    const variable = `export ANTHROPIC_DEFAULT_${family.toUpperCase()}_MODEL`;
    return [
      `${variable}=${model}`,
      `${variable}_NAME='${name}'`,
      `${variable}_DESCRIPTION='Alias "${family}": ${model}, ${window} context'`,
    ];
  };

  test('an effort chosen with the model is a variable for Claude Code, which sends its own with every request', async () => {
    const effortOf = async (model: string) =>
      /EFFORT_LEVEL=(.*)/.exec((await env(['claude'], { flags: { model } })).out)?.[1];
    expect(await effortOf('gpt-6.1-sol-low')).toBe('low');
    expect(await effortOf('gpt-6.1-sol-ultra')).toBe('max');
    expect(await effortOf('gpt-6.1-sol-none')).toBe('low');
    expect(await effortOf('gpt-6.1-sol')).toBeUndefined();
  });

  const texts: [string, string[]][] = [
    ['ollama', ['export OLLAMA_HOST=http://127.0.0.1:8787']],
    ['openai', ['export OPENAI_BASE_URL=http://127.0.0.1:8787/v1', 'export OPENAI_API_KEY=codexd']],
    [
      'aider',
      [
        'export OPENAI_API_BASE=http://127.0.0.1:8787/v1',
        'export OPENAI_API_KEY=codexd',
        'export AIDER_MODEL=openai/gpt-6.1-sol',
        'export AIDER_WEAK_MODEL=openai/gpt-6-luna',
      ],
    ],
    [
      'codex',
      [
        '[model_providers.codexd]',
        'name = "OpenAI"',
        'base_url = "http://127.0.0.1:8787/v1"',
        'wire_api = "responses"',
        'supports_websockets = true',
      ],
    ],
    [
      'cline',
      [
        'API Provider         OpenAI Compatible',
        'Base URL             http://127.0.0.1:8787/v1',
        'API Key              any text',
        'Model ID             gpt-6.1-sol',
        'Supports Images      on',
        'Context Window Size  272000',
        'Max Output Tokens    128000',
      ],
    ],
    [
      'litellm',
      [
        'model_list:',
        '  - model_name: "gpt-6.1-sol"',
        '    litellm_params:',
        '      model: "openai/gpt-6.1-sol"',
        '      api_base: "http://127.0.0.1:8787/v1"',
        '      api_key: "codexd"',
        '  - model_name: "gpt-6-luna"',
        '    litellm_params:',
        '      model: "openai/gpt-6-luna"',
        '      api_base: "http://127.0.0.1:8787/v1"',
        '      api_key: "codexd"',
      ],
    ],
    [
      'continue',
      [
        'models:',
        '  - name: "codexd gpt-6.1-sol"',
        '    provider: openai',
        '    model: "gpt-6.1-sol"',
        '    apiBase: "http://127.0.0.1:8787/v1"',
        '    apiKey: "codexd"',
        '    capabilities: [tool_use, image_input]',
        '    defaultCompletionOptions:',
        '      contextLength: 272000',
        '  - name: "codexd gpt-6-luna"',
        '    provider: openai',
        '    model: "gpt-6-luna"',
        '    apiBase: "http://127.0.0.1:8787/v1"',
        '    apiKey: "codexd"',
        '    capabilities: [tool_use]',
        '    defaultCompletionOptions:',
        '      contextLength: 200000',
      ],
    ],
  ];
  test.each(texts)('%s', async (client, lines) => {
    expect((await env([client])).out).toBe(`${lines.join('\n')}\n`);
  });

  const forms: [string, string[]][] = [
    [
      'claude-desktop',
      [
        'Inference provider   Gateway',
        'Gateway base URL     http://127.0.0.1:8787',
        'Gateway API key      any text',
        'Gateway auth scheme  bearer',
        'Model list           gpt-6.1-sol, gpt-6-luna',
      ],
    ],
    [
      'jetbrains',
      [
        'Provider         OpenAI-compatible',
        'URL              http://127.0.0.1:8787/v1',
        'API Key          any text',
        'Tool calling     on',
        'Core features    gpt-6.1-sol',
        'Instant helpers  gpt-6-luna',
      ],
    ],
    ['xcode', ['Type         Locally Hosted', 'Port         8787', 'Description  codexd']],
    [
      'n8n',
      [
        'Credential  OpenAI',
        'API Key     any text',
        'Base URL    http://127.0.0.1:8787/v1',
        'Model       gpt-6.1-sol',
      ],
    ],
  ];
  test.each(forms)('%s, as the fields of a form', async (client, lines) => {
    expect((await env([client])).out).toBe(`${lines.join('\n')}\n`);
  });

  test('Xcode, with a key or on another machine', async () => {
    const { out } = await env(['xcode'], { env: { CODEXD_API_KEY: key } });
    expect(out).toContain('Type            Internet Hosted\nURL             http://127.0.0.1:8787\n');
    expect(out).toContain("API Key         the daemon's key\nAPI Key Header  x-api-key\n");
    const remote = await env(['xcode'], { env: { CODEXD_LISTEN: '100.64.0.1:9000' } });
    expect(remote.out).toContain('URL             http://100.64.0.1:9000\n');
  });

  test('n8n in a container on a Mac', async () => {
    const { out, err } = await env(['n8n'], { platform: 'darwin' });
    expect(out).toContain('http://host.docker.internal:8787/v1');
    expect(err).toContain('--allowed-hosts host.docker.internal');
  });

  test('goose, with the address in two parts', async () => {
    expect((await env(['goose'])).out).toBe(
      [
        'export GOOSE_PROVIDER=openai',
        'export GOOSE_MODEL=gpt-6.1-sol',
        'export GOOSE_CONTEXT_LIMIT=272000',
        'export OPENAI_HOST=http://127.0.0.1:8787',
        'export OPENAI_BASE_PATH=v1/chat/completions',
        'export OPENAI_API_KEY=codexd',
        '',
      ].join('\n'),
    );
  });

  test('VS Code and Junie, with the whole URL of the endpoint', async () => {
    const [provider] = JSON.parse((await env(['vscode'])).out);
    expect(provider).toMatchObject({ vendor: 'customendpoint', apiType: 'responses', apiKey: 'codexd' });
    expect(provider.models[0]).toMatchObject({
      id: 'gpt-6.1-sol',
      url: 'http://127.0.0.1:8787/v1/responses',
      maxInputTokens: 144_000,
      maxOutputTokens: 128_000,
    });
    expect(JSON.parse((await env(['junie'])).out)).toEqual({
      id: 'gpt-6.1-sol',
      baseUrl: 'http://127.0.0.1:8787/v1/responses',
      apiType: 'OpenAIResponses',
      apiKey: 'codexd',
      fasterModel: { id: 'gpt-6-luna' },
    });
  });

  test('crush and pi, with the windows of the models', async () => {
    const crush = JSON.parse((await env(['crush'])).out).providers.codexd;
    expect(crush).toMatchObject({ type: 'openai-compat', base_url: 'http://127.0.0.1:8787/v1' });
    expect(crush.models[1]).toMatchObject({
      id: 'gpt-6-luna',
      context_window: 200_000,
      supports_attachments: false,
    });
    const pi = JSON.parse((await env(['pi'])).out).providers.codexd;
    expect(pi).toMatchObject({ api: 'openai-responses', baseUrl: 'http://127.0.0.1:8787/v1' });
    expect(pi.models[1]).toMatchObject({ id: 'gpt-6-luna', contextWindow: 200_000, input: ['text'] });
  });

  test('raycast and llm, as YAML', async () => {
    const raycast = Bun.YAML.parse((await env(['raycast'])).out) as { providers: Record<string, unknown>[] };
    expect(raycast.providers[0]).toMatchObject({ id: 'codexd', base_url: 'http://127.0.0.1:8787/v1' });
    expect(raycast.providers[0]).not.toHaveProperty('api_keys');
    const [model] = Bun.YAML.parse((await env(['llm'])).out) as Record<string, unknown>[];
    expect(model).toMatchObject({
      model_id: 'codexd/gpt-6.1-sol',
      model_name: 'gpt-6.1-sol',
      responses: true,
    });
    expect(model).not.toHaveProperty('api_key_name');
    const keyed = await env(['llm'], { env: { CODEXD_API_KEY: key } });
    expect(keyed.out).toContain('api_key_name: codexd');
    expect(keyed.err).toContain('llm keys set codexd');
  });

  test('opencode', async () => {
    const { out } = await env(['opencode']);
    const model = (name: string, context: number, input: string[]) => ({
      name,
      attachment: input.includes('image'),
      reasoning: true,
      tool_call: true,
      modalities: { input, output: ['text'] },
      limit: { context, output: 128_000 },
    });
    expect(JSON.parse(out)).toEqual({
      provider: {
        codexd: {
          npm: '@ai-sdk/openai-compatible',
          name: 'codexd',
          options: { baseURL: 'http://127.0.0.1:8787/v1', apiKey: 'codexd' },
          models: {
            'gpt-6.1-sol': model('GPT-6.1 Sol', 272_000, ['text', 'image']),
            'gpt-6-luna': model('GPT-6 Luna', 200_000, ['text']),
          },
        },
      },
    });
  });

  test('zed', async () => {
    const { out } = await env(['zed']);
    const model = (name: string, display_name: string, max_tokens: number, images: boolean) => ({
      name,
      display_name,
      max_tokens,
      max_output_tokens: 128_000,
      capabilities: { tools: true, images, parallel_tool_calls: true, prompt_cache_key: true },
    });
    expect(JSON.parse(out)).toEqual({
      language_models: {
        openai_compatible: {
          codexd: {
            api_url: 'http://127.0.0.1:8787/v1',
            available_models: [
              model('gpt-6.1-sol', 'GPT-6.1 Sol', 272_000, true),
              model('gpt-6-luna', 'GPT-6 Luna', 200_000, false),
            ],
          },
        },
      },
    });
  });

  const containers: [string, string, string][] = [
    ['linux', 'http://127.0.0.1:8787/v1', '--network=host'],
    ['darwin', 'http://host.docker.internal:8787/v1', '--allowed-hosts host.docker.internal'],
    ['win32', 'http://host.docker.internal:8787/v1', '--allowed-hosts host.docker.internal'],
  ];
  test.each(containers)(
    'open-webui in a container on %s reaches the daemon',
    async (platform, url, advice) => {
      const { out, err } = await env(['open-webui', '--shell=posix'], { platform });
      expect(out).toBe(`export OPENAI_API_BASE_URL=${url}\nexport OPENAI_API_KEY=codexd\n`);
      expect(err).toContain(advice);
    },
  );

  test('stderr says where a snippet belongs, so stdout can be redirected into the file', async () => {
    const { err } = await env(['codex'], { env: { CODEX_HOME: '/elsewhere' } });
    expect(err).toContain('Add this to /elsewhere/config.toml, or run `codexd env codex --write`.');
    expect(err).toContain('Start it with `codex -c model_provider=codexd`');
    expect(err).not.toContain('chatgpt_base_url');
  });

  test.each([
    ['a login', JSON.stringify({ tokens: { access_token: 'a', refresh_token: 'r' } }), true],
    ['an API key', JSON.stringify({ OPENAI_API_KEY: 'sk-x', tokens: null }), false],
    ['a broken file', '{', false],
  ])('the Codex CLI with %s', async (_, auth, sendsLogin) => {
    const files = { '/home/me/.codex/auth.json': auth };
    const { out, err } = await env(['codex'], { files });
    expect(out.includes('requires_openai_auth = true')).toBe(sendsLogin);
    expect(err.includes('-c chatgpt_base_url=http://127.0.0.1:8787/backend-api/')).toBe(sendsLogin);
    const keyed = await env(['codex'], { files, env: { CODEXD_API_KEY: key } });
    expect(keyed.out).not.toContain('requires_openai_auth');
  });
});

describe('the key', () => {
  const withVariables = ['openai', 'aider', 'goose', 'langchain', 'open-webui'];
  const keyed = { env: { CODEXD_API_KEY: key } };

  test('is in Claude Code’s token, in the form that shows plan limits', async () => {
    expect((await env(['claude'], keyed)).out).toContain(`=${gatewayToken(key)}\n`);
  });

  test.each(withVariables)('is in the variables of %s', async (client) => {
    expect((await env([client], keyed)).out).toContain(key);
  });

  test.each(Object.keys(clients).filter((name) => !['claude', ...withVariables].includes(name)))(
    'is never printed for %s, which has files or forms',
    async (client) => {
      const { out, err } = await env([client], keyed);
      expect(out + err).not.toContain(key);
      expect((await env([client], { ...keyed, json: true })).out).not.toContain(key);
      expect(out + err).toMatch(/CODEXD_API_KEY|the daemon's key/);
    },
  );

  test('the Codex CLI gets env_key only if there is a key, because it does not start without the variable', async () => {
    expect((await env(['codex'], keyed)).out).toContain('env_key = "CODEXD_API_KEY"');
    expect((await env(['codex'])).out).not.toContain('env_key');
  });

  test('for keys stored as hashes there is only a placeholder', async () => {
    const sha256 = 'a'.repeat(64);
    const files = {
      '/home/me/.config/codexd/config.toml': `[[server.keys]]\nname = "phone"\nsha256 = "${sha256}"\n`,
    };
    const { out, err } = await env(['openai'], { files });
    expect(out).toContain('OPENAI_API_KEY=YOUR-CODEXD-KEY');
    expect(err).toContain('("phone") yourself; codexd stores only hashes');
    expect((await env(['codex'], { files })).out).toContain('env_key');
    expect((await failure(env(['claude', '--write'], { files }))).advice).toContain('CODEXD_API_KEY');
  });
});

describe('the address', () => {
  const listen = (address: string) => ({ env: { CODEXD_LISTEN: address } });
  const good: [string, string][] = [
    ['127.0.0.1:9000', 'http://127.0.0.1:9000'],
    ['unix:/run/codexd.sock,localhost:9000', 'http://localhost:9000'],
    ['0.0.0.0:9000', 'http://127.0.0.1:9000'],
    ['[::]:9000', 'http://127.0.0.1:9000'],
    ['[fd7a::1]:9000', 'http://[fd7a::1]:9000'],
    ['100.64.0.1:9000,127.0.0.1:9001', 'http://100.64.0.1:9000'],
  ];
  test.each(good)('%s becomes %s', async (given, origin) => {
    const { out, err } = await env(['openai', '--shell=powershell'], listen(given));
    expect(out).toContain(`$env:OPENAI_BASE_URL = '${origin}/v1'`);
    expect(err.includes("this machine's name")).toBe(/0\.0\.0\.0|\[::\]/.test(given));
  });

  test.each([
    ['unix:/run/codexd.sock', 'server.listen'],
    ['127.0.0.1:0', '--port'],
  ])('%s cannot be called', async (given, named) => {
    const { code, advice } = await failure(env(['claude'], listen(given)));
    expect(code).toBe('no_address');
    expect(advice).toContain(named);
  });

  test('Open WebUI: an address beyond loopback is kept', async () => {
    const { out } = await env(['open-webui'], { ...listen('100.64.0.1:9000'), platform: 'darwin' });
    expect(out).toContain('http://100.64.0.1:9000/v1');
  });
});

describe('the models', () => {
  const chosen: [string, string, number][] = [
    ['gpt-6-luna', 'gpt-6-luna', 200_000],
    ['openai/GPT-6-Luna', 'gpt-6-luna', 200_000],
    ['gpt-6.1-sol-high', 'gpt-6.1-sol', 272_000],
    ['gpt-6.1-sol:high', 'gpt-6.1-sol', 272_000],
    ['gpt-6.1-sol-high-fast', 'gpt-6.1-sol-fast', 272_000],
    ['gpt-secret', 'gpt-secret', 500_000],
  ];
  test.each(chosen)('--model %s is %s with its window', async (model, name, window) => {
    const { out } = await env(['claude'], { flags: { model } });
    expect(out).toContain(`export ANTHROPIC_DEFAULT_MODEL=${name}\n`);
    expect(out).toContain(`export CLAUDE_CODE_MAX_CONTEXT_TOKENS=${window}\n`);
    expect(out).toContain('export ANTHROPIC_DEFAULT_HAIKU_MODEL=gpt-6-luna\n');
  });

  test('--model with a hidden model lists it', async () => {
    expect((await env(['opencode'], { flags: { model: 'gpt-secret' } })).out).toContain('"gpt-secret": {');
    expect((await env(['opencode'])).out).not.toContain('gpt-secret');
  });

  test('--model with an unknown name fails and lists the models', async () => {
    const { code, advice } = await failure(env(['claude'], { flags: { model: 'gpt-9' } }));
    expect(code).toBe('model_not_found');
    expect(advice).toContain('gpt-6.1-sol, gpt-6-luna');
  });

  test('a configured default that left the catalogue falls back, as in the daemon', async () => {
    expect((await env(['aider'], { env: { CODEXD_MODEL: 'gpt-9' } })).out).toContain('openai/gpt-6.1-sol');
  });

  test('the configured context window is used', async () => {
    const { out } = await env(['claude'], { env: { CODEXD_MODELS_CONTEXT_WINDOW: '150000' } });
    expect(out).toContain('CLAUDE_CODE_MAX_CONTEXT_TOKENS=150000');
  });

  const small: [string[], string][] = [
    [['gpt-7-sol', 'gpt-5.6-luna', 'gpt-6-luna'], 'gpt-6-luna'],
    [['gpt-7-sol', 'gpt-7-luna', 'gpt-5.4-mini'], 'gpt-7-luna'],
    [['gpt-5.4-minimal', 'gpt-5.4-mini'], 'gpt-5.4-mini'],
    [['gpt-7-sol', 'gpt-7-terra'], 'gpt-7-sol'],
  ];
  test.each(small)('of %p the small model is %s', (slugs, name) => {
    const models = readModels(slugs.map((slug, priority) => ({ slug, priority })));
    const { config } = load({
      env: {},
      flags: {},
      platform: 'linux',
      homedir: '/',
      readFile: () => undefined,
    });
    expect(describeDaemon(config.server, namingOf(config.models, models), undefined).small.name).toBe(name);
  });

  test('models.allowed limits the list, and the main model replaces a small one', async () => {
    const { out } = await env(['claude'], { env: { CODEXD_MODELS_ALLOWED: '*sol' } });
    expect(out).toContain('ANTHROPIC_DEFAULT_HAIKU_MODEL=gpt-6.1-sol');
    expect((await env(['litellm'], { env: { CODEXD_MODELS_ALLOWED: '*sol' } })).out).not.toContain('luna');
  });
});

describe('the command', () => {
  test('an unknown client fails and suggests the nearest', async () => {
    const { exitCode, advice } = await failure(codexd(['env', 'cloude']));
    expect([exitCode, advice]).toEqual([2, 'Did you mean `codexd env claude`?']);
    expect((await failure(codexd(['env', 'open-web-ui']))).advice).toBe(
      'Did you mean `codexd env open-webui`?',
    );
  });

  test('an unknown client without a near match lists all clients', async () => {
    const { advice } = await failure(codexd(['env', 'constructor']));
    expect(advice).toStartWith(`Use one of ${Object.keys(clients).join(', ')}.`);
  });

  test('without a client, and its help', async () => {
    expect((await failure(codexd(['env']))).message).toBe('`codexd env` requires CLIENT.');
    expect((await codexd(['env', '--help'])).out).toContain(`One of ${Object.keys(clients).join(', ')}.`);
  });

  test('--port, --model and --shell change the output', async () => {
    const { out } = await codexd([
      'env',
      'claude',
      '--port',
      '9000',
      '--model',
      'gpt-5.5',
      '--shell',
      'fish',
    ]);
    expect(out).toContain('set -gx ANTHROPIC_BASE_URL http://127.0.0.1:9000\n');
    expect(out).toContain('set -gx ANTHROPIC_DEFAULT_MODEL gpt-5.5\n');
  });

  test('a note says that the models are built in', async () => {
    expect((await codexd(['env', 'openai'])).err).toContain("These are codexd's built-in models");
  });

  test('how to set the variables is explained on a terminal only', async () => {
    expect((await env(['openai'], { isTty: true })).err).toContain('eval "$(codexd env openai)"');
    expect((await env(['openai'])).err).toBe('');
  });

  test('--json', async () => {
    const claude = JSON.parse((await env(['claude'], { json: true })).out);
    expect(claude).toMatchObject({
      client: 'claude',
      variables: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:8787' },
      file: '/home/me/.claude/settings.json',
      notes: [expect.stringContaining('gpt-6-luna has 200,000')],
    });
    const litellm = JSON.parse((await env(['litellm'], { json: true })).out);
    expect(litellm).toMatchObject({ text: expect.stringContaining('model_list:'), file: null });
  });

  test('as a process: the account’s models are fetched only without a cached catalogue', async () => {
    const simulator = startSimulator();
    const login = { CODEXD_UPSTREAM: simulator.upstream, CODEXD_BEARER: simulator.login().access_token };
    const place = emptyHome();
    simulator.script({
      for: 'models',
      status: 200,
      body: { models: [{ slug: 'gpt-9-of-my-own', priority: 1, context_window: 640_000 }] },
    });
    for (const _ of ['asked', 'cached']) {
      const { out, err } = await runCodexd(['env', 'claude'], { home: place, env: login });
      expect(out).toContain('export ANTHROPIC_DEFAULT_MODEL=gpt-9-of-my-own\n');
      expect(out).toContain('export CLAUDE_CODE_MAX_CONTEXT_TOKENS=640000\n');
      expect(err).not.toContain('built-in');
    }
    expect(simulator.requests.filter(({ path }) => path.includes('/codex/models'))).toHaveLength(1);
    await simulator.stop();
  });

  test('as a process: a shell can evaluate the output', async () => {
    const codexd = startCodexd(['env', 'claude'], { env: { SHELL: '/bin/sh' } });
    expect(await codexd.exited).toBe(0);
    const shell = Bun.spawnSync(
      ['sh', '-c', 'eval "$1"; echo "$ANTHROPIC_BASE_URL $CLAUDE_CODE_SUBAGENT_MODEL"', 'sh', codexd.out()],
      {
        env: { PATH: process.env.PATH, ANTHROPIC_API_KEY: 'old' },
      },
    );
    expect(shell.stdout.toString()).toBe('http://127.0.0.1:8787 gpt-6.2-sol\n');
  });
});

test.each([['claude'], ['codex'], ['openai']])('env %s says when no daemon is listening', async (client) => {
  const note = 'No daemon is listening on http://127.0.0.1:8787. Start it with `codexd serve`.\n';
  expect((await env([client], { isListening: false })).err).toContain(note);
  expect((await env([client])).err).not.toContain('No daemon');
});

test('an unsupported shell is an error', async () => {
  await expect(codexd(['env', 'claude', '--shell', 'csh'])).rejects.toMatchObject({
    exitCode: 2,
    message: '"csh" is not a valid value for `--shell`.',
    advice: 'Use one of posix, bash, zsh, fish, powershell.',
  });
});

test('--shell zsh prints posix syntax', async () => {
  expect((await env(['openai', '--shell', 'zsh'])).out).toBe((await env(['openai', '--shell', 'posix'])).out);
});

test.each([
  ['linux', 'In Docker Desktop, use http://host.docker.internal:8787/v1 instead, and start the daemon with'],
  ['darwin', 'So that the daemon accepts this host name, start the daemon with'],
])('Open WebUI on %s: Docker Desktop needs a name that is allowed', async (platform, words) => {
  const { err } = await env(['open-webui'], { platform });
  expect(err).toContain(`${words} \`--allowed-hosts host.docker.internal\``);
});
