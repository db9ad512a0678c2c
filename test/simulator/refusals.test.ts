// What the real upstream refuses, with its messages (docs/wire/upstream.md#identity-gates to #tools).
import { afterAll, describe, expect, test } from 'bun:test';
import { functionTool, goodBody, startClient, user } from './client.ts';

const lenientRules = startClient();
const strict = startClient({
  strict: { originator: true, version: true, instructions: true, encryptedContent: true },
});
afterAll(async () => {
  await lenientRules.simulator.stop();
  await strict.simulator.stop();
});

const detail = (text: string) => ({ detail: text });
const invalid = (message: string, param: string | null, code: string | null = null) => ({
  error: { message, type: 'invalid_request_error', param, code },
});
const missing = (param: string) =>
  invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
const unknown = (param: string) => invalid(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
const pattern = (param: string) =>
  invalid(
    `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
    param,
    'invalid_value',
  );
const tooLong = (param: string, length: number) =>
  invalid(
    `Invalid '${param}': string too long. Expected a string with maximum length 64, but got a string with length ${length} instead.`,
    param,
    'string_above_max_length',
  );

const call = { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' };
const output = { type: 'function_call_output', call_id: 'call_1', output: 'ok' };
const customCall = { type: 'custom_tool_call', call_id: 'call_2', name: 'f', input: '' };
const customOutput = { type: 'custom_tool_call_output', call_id: 'call_2', output: 'ok' };
const hi = user('hi');
const input = (...items: object[]) => ({ input: items });
const lite = { 'x-openai-internal-codex-responses-lite': 'true' };
const liteBody = {
  model: 'gpt-6.1-sol',
  parallel_tool_calls: false,
  reasoning: { effort: 'low', context: 'all_turns' },
  instructions: undefined,
};
const liteName = 'X-OpenAI-Internal-Codex-Responses-Lite';
const additional = (...tools: object[]) => ({ type: 'additional_tools', role: 'developer', tools });

interface Case {
  name: string;
  fields: object;
  headers?: Record<string, string>;
  status?: number;
  body: object;
}

const refusedParameters = [
  ...['max_output_tokens', 'max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'presence_penalty'],
  ...['frequency_penalty', 'seed', 'metadata', 'top_logprobs', 'truncation', 'user', 'context_management'],
  ...['safety_identifier', 'prompt_cache_retention', 'prompt_cache_options', 'stream_id', 'background'],
  ...[
    'conversation',
    'max_tool_calls',
    'moderation',
    'multi_agent',
    'prompt',
    'stop',
    'previous_response_id',
  ],
  ...['generate', 'something_new'],
];

const cases: Case[] = [
  ...refusedParameters.map((name) => ({
    name: `unsupported parameter ${name}`,
    fields: { [name]: 1 },
    body: detail(`Unsupported parameter: ${name}`),
  })),
  {
    name: 'store left out',
    fields: { store: undefined },
    body: detail('Store must be set to false'),
  },
  { name: 'store true', fields: { store: true }, body: detail('Store must be set to false') },
  { name: 'stream false', fields: { stream: false }, body: detail('Stream must be set to true') },
  { name: 'stream left out', fields: { stream: undefined }, body: detail('Stream must be set to true') },
  { name: 'input a string', fields: { input: 'hi' }, body: detail('Input must be a list') },
  { name: 'no input', fields: { input: undefined }, body: detail('Input must be a list') },
  {
    name: 'a system message',
    fields: input({ role: 'system', content: 'Be nice.' }, hi),
    body: detail('System messages are not allowed'),
  },
  { name: 'no model', fields: { model: undefined }, body: missing('model') },
  {
    name: 'a retired model',
    fields: { model: 'gpt-5-codex' },
    body: detail("The 'gpt-5-codex' model is not supported when using Codex with a ChatGPT account."),
  },
  {
    name: 'an unknown model',
    fields: { model: 'claude-9' },
    status: 404,
    body: invalid(
      'The model `claude-9` does not exist or you do not have access to it.',
      null,
      'model_not_found',
    ),
  },
  {
    name: 'effort minimal',
    fields: { reasoning: { effort: 'minimal' } },
    body: invalid(
      "Unsupported value: 'minimal' is not supported with the 'gpt-5.5' model. Supported values are: 'low', 'medium', 'high', and 'xhigh'.",
      'reasoning.effort',
      'unsupported_value',
    ),
  },
  {
    name: 'effort ultra, which is a word of the client',
    fields: { model: 'gpt-6.1-sol', reasoning: { effort: 'ultra' } },
    body: invalid(
      "Unsupported value: 'ultra' is not supported with the 'gpt-6.1-sol' model. Supported values are: 'low', 'medium', 'high', 'xhigh', and 'max'.",
      'reasoning.effort',
      'unsupported_value',
    ),
  },
  {
    name: 'summary none',
    fields: { reasoning: { summary: 'none' } },
    body: invalid(
      "Invalid value: 'none'. Supported values are: 'auto', 'concise', and 'detailed'.",
      'reasoning.summary',
      'invalid_value',
    ),
  },
  {
    name: 'a service tier of the public API',
    fields: { service_tier: 'auto' },
    body: detail('Unsupported service_tier: auto'),
  },
  {
    name: 'another stream option',
    fields: { stream_options: { include_usage: true } },
    body: unknown('stream_options.include_usage'),
  },
  {
    name: 'a cache key over 64 characters',
    fields: { prompt_cache_key: 'k'.repeat(65) },
    body: tooLong('prompt_cache_key', 65),
  },
  {
    name: 'metadata that is not text',
    fields: { client_metadata: { n: 1 } },
    body: invalid(
      "Invalid type for 'client_metadata.n': expected a string, but got a number instead.",
      'client_metadata.n',
      'invalid_type',
    ),
  },
  {
    name: 'json_object without the word in the input',
    fields: { instructions: 'Answer in JSON.', text: { format: { type: 'json_object' } } },
    body: invalid(
      "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
      'input',
    ),
  },
  {
    name: 'a response format without a name',
    fields: { text: { format: { type: 'json_schema', schema: {} } } },
    body: missing('text.format.name'),
  },
  {
    name: 'a strict response format with an open object',
    fields: {
      text: {
        format: { type: 'json_schema', name: 'p', strict: true, schema: { type: 'object', properties: {} } },
      },
    },
    body: invalid(
      "Invalid schema for response_format 'p': In context=(), 'additionalProperties' is required to be supplied and to be false.",
      'text.format.schema',
      'invalid_json_schema',
    ),
  },

  {
    name: 'an output without its call',
    fields: input(hi, output),
    body: invalid('No tool call found for function call output with call_id call_1.', 'input'),
  },
  {
    name: 'a call without its output',
    fields: input(hi, call),
    body: invalid('No tool output found for function call call_1.', 'input'),
  },
  {
    name: 'a custom call without its output',
    fields: input(hi, customCall),
    body: invalid('No tool output found for custom tool call call_2.', 'input'),
  },
  {
    name: 'an output of the other kind',
    fields: input(hi, customCall, { ...customOutput, type: 'function_call_output' }),
    body: invalid('No tool call found for function call output with call_id call_2.', 'input'),
  },
  {
    name: 'an id over 64 characters',
    fields: input({ ...hi, id: `msg_${'a'.repeat(61)}` }),
    body: tooLong('input[0].id', 65),
  },
  ...[
    [{ ...hi, id: 'item_1' }, 'item_1', 'msg'],
    [{ ...call, id: 'call_1' }, 'call_1', 'fc'],
    [{ ...output, id: 'fc_1' }, 'fc_1', 'fco'],
    [{ ...customCall, id: 'fc_1' }, 'fc_1', 'ctc'],
    [{ type: 'reasoning', summary: [], id: 'msg_1' }, 'msg_1', 'rs'],
  ].map(([item, id, prefix]) => ({
    name: `an id of the wrong kind: ${id} for ${prefix}`,
    fields: input(item as object),
    body: invalid(
      `Invalid 'input[0].id': '${id}'. Expected an ID that begins with '${prefix}'.`,
      'input[0].id',
      'invalid_id_prefix',
    ),
  })),
  {
    name: 'reasoning without summary',
    fields: input(hi, { type: 'reasoning', encrypted_content: 'gAAAAB' }),
    body: missing('input[1].summary'),
  },
  {
    name: 'reasoning with an id and nothing encrypted',
    fields: input(hi, { type: 'reasoning', id: 'rs_1', summary: [] }),
    status: 404,
    body: invalid(
      "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false. Try again with `store` set to true, or remove this item from your input.",
      'input',
    ),
  },
  {
    name: 'encrypted content of somebody else',
    fields: input(hi, { type: 'reasoning', summary: [], encrypted_content: 'EqQBCkYIBx-signature' }),
    body: invalid(
      'The encrypted content EqQB...ture could not be verified.',
      null,
      'invalid_encrypted_content',
    ),
  },
  {
    name: 'a call_id over 64 characters',
    fields: input({ ...call, call_id: 'c'.repeat(70) }),
    body: tooLong('input[0].call_id', 70),
  },
  {
    name: 'a called name with a dot',
    fields: input({ ...call, name: 'a.b' }, output),
    body: pattern('input[0].name'),
  },
  {
    name: 'a namespace nobody declared',
    fields: input({ ...call, namespace: 'x' }, output),
    body: unknown('input[0].namespace'),
  },
  {
    name: 'a field of Chat Completions in a message',
    fields: input({ ...hi, tool_calls: [] }),
    body: unknown('input[0].tool_calls'),
  },
  {
    name: 'a cache_control left in a part',
    fields: input({ role: 'user', content: [{ type: 'input_text', text: 'a', cache_control: {} }] }),
    body: unknown('input[0].content[0].cache_control'),
  },
  {
    name: 'input_text from the assistant',
    fields: input({ role: 'assistant', content: [{ type: 'input_text', text: 'a' }] }),
    body: invalid(
      "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
      'input[0].content[0]',
      'invalid_value',
    ),
  },
  {
    name: 'an invalid image',
    fields: input({
      role: 'user',
      content: [{ type: 'input_image', image_url: 'data:image/png;base64,aGVsbG8=' }],
    }),
    body: invalid(
      'The image data you provided does not represent a valid image. Please check your input and try again.',
      'input',
      'invalid_value',
    ),
  },
  {
    name: 'an image as Chat Completions nests it',
    fields: input({
      role: 'user',
      content: [{ type: 'input_image', image_url: { url: 'https://a/b.png' } }],
    }),
    body: invalid(
      "Invalid type for 'input[0].content[0].image_url': expected an image URL, but got an object instead.",
      'input[0].content[0].image_url',
      'invalid_type',
    ),
  },
  {
    name: 'an item type nobody knows',
    fields: input({ type: 'tool_result', text: 'x' }),
    body: expect.objectContaining({
      error: expect.objectContaining({ param: 'input[0].type', code: 'invalid_value' }),
    }),
  },

  {
    name: 'a tool nested as in Chat Completions',
    fields: { tools: [{ type: 'function', function: { name: 'f' } }] },
    body: missing('tools[0].name'),
  },
  {
    name: 'web_search_preview',
    fields: { tools: [{ type: 'web_search_preview' }] },
    body: detail('Unsupported tool type: web_search_preview'),
  },
  {
    name: 'a hosted tool this backend lacks',
    fields: { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] },
    body: detail('Unsupported tool type: code_interpreter'),
  },
  {
    name: 'two tools of one name',
    fields: { tools: [functionTool('f'), functionTool('f')] },
    body: invalid("Tool names must be unique. Duplicate name: 'f'.", 'tools', 'invalid_value'),
  },
  {
    name: 'a tool name with a dot',
    fields: { tools: [functionTool('a.b')] },
    body: pattern('tools[0].name'),
  },
  {
    name: 'a tool name over 64 characters',
    fields: { tools: [functionTool('n'.repeat(65))] },
    body: tooLong('tools[0].name', 65),
  },
  {
    name: 'parameters that are not an object schema',
    fields: { tools: [{ type: 'function', name: 'f', parameters: { properties: {} } }] },
    body: invalid(
      "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"None\"'.",
      'tools[0].parameters',
      'invalid_function_parameters',
    ),
  },
  {
    name: 'a strict function with an optional property',
    fields: {
      tools: [
        {
          type: 'function',
          name: 'f',
          strict: true,
          parameters: {
            type: 'object',
            properties: { a: { type: 'string' }, b: { type: 'string' } },
            required: ['a'],
            additionalProperties: false,
          },
        },
      ],
    },
    body: invalid(
      "Invalid schema for function 'f': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.",
      'tools[0].parameters',
      'invalid_function_parameters',
    ),
  },
  {
    name: 'a choice of a tool that is not offered',
    fields: { tools: [functionTool('f')], tool_choice: { type: 'function', name: 'g' } },
    body: invalid("Tool choice 'function' not found in 'tools' parameter.", 'tool_choice'),
  },
  {
    name: 'a choice nested as in Chat Completions',
    fields: { tools: [functionTool('f')], tool_choice: { type: 'function', function: { name: 'f' } } },
    body: missing('tool_choice.name'),
  },

  {
    name: 'a classic model with the Lite header',
    fields: { ...liteBody, model: 'gpt-5.5' },
    headers: lite,
    body: invalid(`This model is not supported when using ${liteName}.`, 'model', 'unsupported_value'),
  },
  {
    name: 'Lite without all_turns',
    fields: { ...liteBody, reasoning: { effort: 'low' } },
    headers: lite,
    body: invalid(
      `${liteName} requires \`reasoning.context\` to be \`all_turns\`.`,
      'reasoning.context',
      'unsupported_value',
    ),
  },
  {
    name: 'Lite with parallel calls',
    fields: { ...liteBody, parallel_tool_calls: undefined },
    headers: lite,
    body: invalid(
      `${liteName} requires \`parallel_tool_calls\` to be false.`,
      'parallel_tool_calls',
      'unsupported_value',
    ),
  },
  ...[
    { name: 'a hosted tool', fields: input(additional({ type: 'web_search' }), hi) },
    { name: 'tools outside the input', fields: { tools: [functionTool('f')] } },
  ].map(({ name, fields }) => ({
    name: `Lite with ${name}`,
    fields: { ...liteBody, ...fields },
    headers: lite,
    body: invalid(
      `${liteName} only supports function tools, custom tools, and client-executed tool search.`,
      'tools',
      'unsupported_value',
    ),
  })),
];

describe('refused', () => {
  test.each(cases)('$name', async ({ fields, headers = {}, status = 400, body }) => {
    const response = await lenientRules.ask(fields, { headers });
    expect(await response.json()).toEqual(body as never);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/json');
  });

  test('a free plan asks for an image', async () => {
    const { access_token } = lenientRules.simulator.login({ plan: 'free' });
    const response = await lenientRules.ask(
      { tools: [{ type: 'image_generation' }] },
      { headers: { authorization: `Bearer ${access_token}` } },
    );
    expect(await response.json()).toEqual(
      invalid("Hosted tool 'image_generation' is not supported with gpt-5.5.", 'tools'),
    );
  });
});

describe('refused only when strict', () => {
  const named = { originator: 'codex_cli_rs', version: '0.169.0' };
  const strictCases: Case[] = [
    {
      name: 'no originator',
      fields: {},
      headers: {},
      status: 404,
      body: invalid('Model not found gpt-5.5', 'model'),
    },
    {
      name: 'an old version with a new model',
      fields: { model: 'gpt-5.6-sol' },
      headers: { ...named, version: '0.120.0' },
      body: detail(
        "The 'gpt-5.6-sol' model requires a newer version of Codex. Please upgrade to the latest app or CLI and try again.",
      ),
    },
    {
      name: 'no instructions for a classic model',
      fields: { instructions: undefined },
      headers: named,
      body: detail('Instructions are required'),
    },
    {
      name: 'encrypted content that was never issued',
      fields: input(hi, { type: 'reasoning', summary: [], encrypted_content: 'gAAAAABqMadeUp' }),
      headers: named,
      body: invalid(
        'The encrypted content gAAA...deUp could not be verified.',
        null,
        'invalid_encrypted_content',
      ),
    },
  ];

  test.each(strictCases)('$name', async ({ fields, headers = {}, status = 400, body }) => {
    const refused = await strict.ask(fields, { headers });
    expect(await refused.json()).toEqual(body as never);
    expect(refused.status).toBe(status);
    expect((await lenientRules.ask(fields, { headers })).status).toBe(200);
  });

  test('encrypted content is good for the account and family it was issued to, and for no other', async () => {
    const reasoning = async (asker = strict.tokens.access_token) => {
      const headers = { ...named, authorization: `Bearer ${asker}` };
      const response = await strict.ask({ include: ['reasoning.encrypted_content'] }, { headers });
      const text = await response.text();
      return /"encrypted_content":"([^"]+)","summary":\[\]\},"output_index":0,"sequence_number":3/.exec(
        text,
      )![1]!;
    };
    const encrypted_content = await reasoning();
    const replay = (fields: object, headers: object = {}) =>
      strict.ask(
        { ...input(hi, { type: 'reasoning', summary: [], encrypted_content }), ...fields },
        { headers: { ...named, ...headers } },
      );
    const other = strict.simulator.login({ accountId: 'another' }).access_token;
    expect((await replay({})).status).toBe(200);
    expect((await replay({ model: 'gpt-6-sol' })).status).toBe(400);
    expect((await replay({}, { authorization: `Bearer ${other}` })).status).toBe(400);
  });
});

describe('accepted', () => {
  const accepted: { name: string; fields: object; headers?: Record<string, string> }[] = [
    { name: 'the minimal request of 5.10', fields: {} },
    {
      name: 'a classic request to a Lite model',
      fields: { model: 'gpt-6.1-sol', tools: [functionTool('f')] },
    },
    {
      name: 'a Lite request',
      fields: {
        ...liteBody,
        ...input(additional({ type: 'namespace', name: 'functions', tools: [functionTool('f')] }), hi),
      },
      headers: lite,
    },
    { name: 'a call with its output', fields: input(hi, call, output) },
    { name: 'a custom call with its output', fields: input(hi, customCall, customOutput) },
    {
      name: 'a namespace that was declared',
      fields: {
        ...input(hi, { ...call, namespace: 'ns' }, output),
        tools: [{ type: 'namespace', name: 'ns', tools: [functionTool('f')] }],
      },
    },
    {
      name: 'every option the page lists',
      fields: {
        ...input(user('Answer in JSON.')),
        reasoning: { effort: 'xhigh', summary: 'detailed' },
        include: ['reasoning.encrypted_content'],
        text: { verbosity: 'high', format: { type: 'json_object' } },
        service_tier: 'priority',
        prompt_cache_key: 'k'.repeat(64),
        client_metadata: { thread_id: 't' },
        stream_options: { reasoning_summary_delivery: 'sequential_cutoff' },
        parallel_tool_calls: true,
        tool_choice: 'auto',
        access_programs: { cyber: 'standard' },
      },
    },
    {
      name: 'all kinds of tools',
      fields: {
        tools: [
          functionTool('f'),
          {
            type: 'custom',
            name: 'c',
            format: { type: 'grammar', syntax: 'lark', definition: 'start: /a/' },
          },
          { type: 'web_search', external_web_access: true },
          { type: 'image_generation', output_format: 'png' },
          { type: 'tool_search', execution: 'client', description: 'd', parameters: {} },
        ],
      },
    },
    {
      name: 'server-made items played back',
      fields: input(
        hi,
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [{ type: 'summary_text', text: 's' }],
          encrypted_content: 'gAAAAB',
        },
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
        {
          type: 'message',
          id: 'msg_1',
          role: 'assistant',
          status: 'completed',
          phase: 'final_answer',
          content: [{ type: 'output_text', text: 'a', annotations: [] }],
        },
        { type: 'compaction', encrypted_content: 'gAAAAB' },
        user('and now?'),
      ),
    },
  ];

  test.each(accepted)('$name', async ({ fields, headers = {} }) => {
    const response = await lenientRules.ask(fields, { headers });
    expect(response.status === 200 ? 200 : await response.text()).toBe(200);
    await response.body?.cancel();
  });

  test('a zstd body', async () => {
    const response = await lenientRules.call('codex/responses', {
      method: 'POST',
      headers: { 'content-encoding': 'zstd', 'content-type': 'application/json' },
      body: Bun.zstdCompressSync(JSON.stringify(goodBody)),
    });
    expect(response.status).toBe(200);
    await response.body?.cancel();
    expect(lenientRules.simulator.requests.at(-1)?.body).toEqual(goodBody);
  });
});

describe('logins', () => {
  const turn = (authorization?: string, headers: object = {}) =>
    fetch(`${lenientRules.simulator.upstream}/codex/responses`, {
      method: 'POST',
      headers: { ...(authorization ? { authorization } : {}), ...headers },
      body: JSON.stringify(goodBody),
    });

  test('nobody, an API key and a token of another issuer are unauthorized', async () => {
    const foreign = startClient({ seed: 2 });
    await foreign.simulator.stop();
    for (const header of [undefined, 'Bearer sk-abc', `Bearer ${foreign.tokens.access_token}`]) {
      const response = await turn(header);
      expect(response.status).toBe(401);
      expect(await response.json()).toEqual({ detail: 'Unauthorized' });
    }
  });

  test('an id_token is no access token', async () => {
    expect((await turn(`Bearer ${lenientRules.tokens.id_token}`)).status).toBe(401);
  });

  test('an expired token says so', async () => {
    const { access_token } = lenientRules.simulator.login({ expiresInS: -1 });
    const response = await turn(`Bearer ${access_token}`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'token_expired' }, status: 401 });
  });

  test('a revoked login says so', async () => {
    const { access_token, refresh_token } = lenientRules.simulator.login();
    await fetch(`${lenientRules.simulator.issuer}/oauth/revoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: refresh_token, token_type_hint: 'refresh_token' }),
    });
    const response = await turn(`Bearer ${access_token}`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'token_revoked' } });
  });

  test('the account id must be the token’s', async () => {
    const response = await turn(`Bearer ${lenientRules.tokens.access_token}`, {
      'chatgpt-account-id': 'other',
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ detail: { code: 'invalid_workspace_selected' } });
  });
});
