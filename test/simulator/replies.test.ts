// What the simulated model replies to a prompt without a script.
import { afterAll, describe, expect, test } from 'bun:test';
import { type Event, functionTool, goodBody, itemsOf, startClient, textOf, user } from './client.ts';

const { simulator, tokens, ask, events } = startClient();
afterAll(() => simulator.stop());

const city = { city: { type: 'string' } };
const weather = functionTool('get_weather', city);
const say = (text: string) => [user(text)];
const calls = (told: Event[]) =>
  itemsOf(told)
    .filter(({ type }) => type === 'function_call')
    .map(({ name, arguments: args }) => [name, JSON.parse(args)]);

test('a stream has no content-type by default, and no [DONE]', async () => {
  const response = await ask();
  expect(response.headers.get('content-type')).toBeNull();
  expect(await response.text()).not.toContain('[DONE]');
});

test('a turn is told in the order of 6.3: created, in_progress, items one by one, completed', async () => {
  const told = await events();
  const types = told.map(({ type }) => type.replace('response.', ''));
  expect(types.filter((type, i) => type !== types[i - 1])).toEqual([
    ...['created', 'in_progress', 'output_item.added', 'output_item.done', 'output_item.added'],
    ...['content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done'],
    ...['output_item.done', 'completed'],
  ]);
  expect(told.map((event) => event.sequence_number)).toEqual(told.map((_, i) => i));
});

test('prose quotes the prompt, in several deltas that add up', async () => {
  const told = await events({ input: say('How high is the Galdhøpiggen? 🏔️') });
  const deltas = told.filter(({ type }) => type === 'response.output_text.delta');
  expect(deltas.length).toBeGreaterThan(5);
  expect(deltas.map(({ delta }) => delta).join('')).toBe(textOf(told));
  expect(textOf(told)).toStartWith('You said: “How high is the Galdhøpiggen? 🏔️”.');
  expect(deltas.every(({ obfuscation }) => /^\w+$/.test(obfuscation))).toBe(true);
});

test('prose does not quote what Claude Code adds to a prompt', async () => {
  const told = await events({
    input: say('<system-reminder>\nToday is Monday.\n</system-reminder>\n\nSay hi.'),
  });
  expect(textOf(told)).toStartWith('You said: “Say hi.”.');
});

test('the same prompt gets the same answer, cut the same way, with other ids', async () => {
  const [first, second] = [await events(), await events()];
  const deltas = (told: Event[]) => told.filter((event) => event.delta).map(({ delta }) => delta);
  expect(deltas(second)).toEqual(deltas(first));
  expect(second[0]!.response.id).not.toBe(first[0]!.response.id);
});

test('every event is an HTTP chunk of its own', async () => {
  const told = await events();
  const { promise: read, resolve } = Promise.withResolvers<string>();
  const body = JSON.stringify(goodBody);
  let text = '';
  await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(new URL(simulator.url).port),
    socket: {
      open: (socket) =>
        void socket.write(
          `POST /backend-api/codex/responses HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${tokens.access_token}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        ),
      data(socket, bytes) {
        text += bytes.toString();
        if (!text.endsWith('\r\n0\r\n\r\n')) return;
        socket.end();
        resolve(text);
      },
    },
  });
  expect((await read).match(/\r\n[0-9a-f]+\r\nevent: /g)).toHaveLength(told.length);
});

test('the response object echoes the request and hides nothing the real one shows', async () => {
  const told = await events({ tools: [weather], prompt_cache_key: 'key', reasoning: { effort: 'high' } });
  expect(told[0]!.response).toMatchObject({
    status: 'in_progress',
    model: 'gpt-5.5',
    tools: [weather],
    prompt_cache_key: 'key',
    reasoning: { effort: 'high', summary: null },
    instructions: goodBody.instructions,
    output: [],
    usage: null,
    safety_identifier: expect.stringMatching(/^user-/),
  });
});

test('completed.response.output is empty', async () => {
  const completed = (await events()).at(-1)!;
  expect(completed.response).toMatchObject({ status: 'completed', output: [], service_tier: 'default' });
});

describe('reasoning', () => {
  const reasoning = async (fields: object) =>
    itemsOf(await events(fields)).find((item) => item.type === 'reasoning')!;

  test('there is no summary unless one is requested', async () => {
    expect((await reasoning({})).summary).toEqual([]);
    expect((await reasoning({ reasoning: { summary: 'auto' } })).summary).toHaveLength(1);
    expect((await reasoning({ reasoning: { summary: 'auto', effort: 'high' } })).summary).toHaveLength(2);
  });

  test('it is encrypted only when include says so, and differs between added and done', async () => {
    expect(await reasoning({})).not.toHaveProperty('encrypted_content');
    const told = await events({ include: ['reasoning.encrypted_content'] });
    const [added, done] = told.filter(({ item }) => item?.type === 'reasoning').map(({ item }) => item);
    expect(added.encrypted_content).toStartWith('gAAAAAB');
    expect(done.encrypted_content).not.toBe(added.encrypted_content);
  });
});

describe('usage', () => {
  const usage = async (fields: object) => (await events(fields)).at(-1)!.response.usage;

  test('adds up and is never nothing', async () => {
    const told = await usage({ input: [] });
    expect(told.input_tokens).toBeGreaterThan(0);
    expect(told.output_tokens).toBeGreaterThan(told.output_tokens_details.reasoning_tokens);
    expect(told.total_tokens).toBe(told.input_tokens + told.output_tokens);
  });

  test('the second turn of a conversation is cached, another conversation is not', async () => {
    const key = { prompt_cache_key: 'conversation-1' };
    expect((await usage(key)).input_tokens_details.cached_tokens).toBe(0);
    const again = await usage(key);
    expect(again.input_tokens_details.cached_tokens).toBeGreaterThan(0);
    expect(again.input_tokens_details.cached_tokens).toBeLessThanOrEqual(again.input_tokens);
    expect((await usage({ prompt_cache_key: 'conversation-2' })).input_tokens_details.cached_tokens).toBe(0);
  });

  test('a changed prompt is cached up to the change', async () => {
    const fields = { prompt_cache_key: 'conversation-3', instructions: 'word '.repeat(1000) };
    await usage(fields);
    const cached = async (more: object) =>
      (await usage({ ...fields, ...more })).input_tokens_details.cached_tokens;
    const same = await cached({});
    expect(same).toBeGreaterThan(1000);
    expect(await cached({ instructions: `${fields.instructions}and more` })).toBeGreaterThan(1000);
    expect(await cached({ instructions: `Other ${fields.instructions}` })).toBeLessThan(100);
  });

  test('without a cache key the session header counts', async () => {
    const headers = { 'session-id': 'session-1' };
    await (await ask({}, { headers })).text();
    const told = await (await ask({}, { headers })).text();
    expect(told).not.toContain('"cached_tokens":0');
  });
});

describe('tools', () => {
  const table: { prompt: string; fields?: object; tools?: object[]; called: [string, object][] }[] = [
    { prompt: 'Hello there.', called: [] },
    { prompt: 'Some weather!', tools: [functionTool('getWeather')], called: [['getWeather', {}]] },
    { prompt: 'Use get_weather for Oslo.', called: [['get_weather', { city: 'Oslo' }]] },
    { prompt: 'What is the weather in New York?', called: [['get_weather', { city: 'New York' }]] },
    { prompt: 'Please use the tool for "Rio"', called: [['get_weather', { city: 'Rio' }]] },
    {
      prompt: 'Weather in Oslo and Bergen?',
      called: [
        ['get_weather', { city: 'Oslo' }],
        ['get_weather', { city: 'Bergen' }],
      ],
    },
    {
      prompt: 'Weather in Oslo and Bergen?',
      fields: { parallel_tool_calls: false },
      called: [['get_weather', { city: 'Oslo' }]],
    },
    {
      prompt: 'The weather and the time in Paris',
      tools: [weather, functionTool('get_time', city)],
      called: [
        ['get_weather', { city: 'Paris' }],
        ['get_time', { city: 'Paris' }],
      ],
    },
    { prompt: 'Weather in Oslo?', fields: { tool_choice: 'none' }, called: [] },
    { prompt: 'Hello Ada', fields: { tool_choice: 'required' }, called: [['get_weather', { city: 'Ada' }]] },
    {
      prompt: 'Hello Ada',
      tools: [functionTool('other'), weather],
      fields: { tool_choice: { type: 'function', name: 'get_weather' } },
      called: [['get_weather', { city: 'Ada' }]],
    },
    {
      prompt: 'Weather, time?',
      tools: [weather, functionTool('get_time')],
      fields: {
        tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'get_time' }] },
      },
      called: [['get_time', {}]],
    },
  ];

  test.each(table)('$prompt, with $fields', async ({ prompt, fields = {}, tools = [weather], called }) => {
    expect(calls(await events({ input: say(prompt), tools, ...fields }))).toEqual(called);
  });

  test('a call comes after reasoning, its arguments in deltas', async () => {
    const told = await events({ input: say('Use get_weather for Oslo'), tools: [weather] });
    expect(itemsOf(told).map(({ type }) => type)).toEqual(['reasoning', 'function_call']);
    const deltas = told.filter(({ type }) => type === 'response.function_call_arguments.delta');
    expect(deltas.map(({ delta }) => delta).join('')).toBe('{"city":"Oslo"}');
    expect(itemsOf(told)[1]!.call_id).toMatch(/^call_\w{24}$/);
  });

  test('a tool of a namespace is called by it', async () => {
    const group = { type: 'namespace', name: 'functions', tools: [weather] };
    const told = await events({ input: say('weather in Oslo'), tools: [group] });
    expect(itemsOf(told)[1]).toMatchObject({ name: 'get_weather', namespace: 'functions' });
  });

  test('a custom tool gets free text', async () => {
    const told = await events({
      input: say('apply_patch please'),
      tools: [{ type: 'custom', name: 'apply_patch', format: { type: 'text' } }],
    });
    expect(itemsOf(told)[1]).toMatchObject({ type: 'custom_tool_call', name: 'apply_patch' });
    expect(itemsOf(told)[1]!.input).toStartWith('*** Begin Patch\n*** Add File: simulated.txt\n+apply_patch');
  });

  test('after an output comes a text that quotes it', async () => {
    const call = { type: 'function_call', call_id: 'c1', name: 'get_weather', arguments: '{}' };
    const told = await events({
      tools: [weather],
      input: [
        user('weather in Oslo?'),
        call,
        { type: 'function_call_output', call_id: 'c1', output: '3 °C, rain' },
      ],
    });
    expect(textOf(told)).toBe('The tool answered: “3 °C, rain”. I have nothing to add to that.');
  });

  test('an image in an output is seen', async () => {
    const call = { type: 'function_call', call_id: 'c1', name: 'shot', arguments: '{}' };
    const image_url = `data:image/png;base64,${await picture()}`;
    const output = [
      { type: 'input_text', text: 'done' },
      { type: 'input_image', image_url },
    ];
    const told = await events({ input: [call, { type: 'function_call_output', call_id: 'c1', output }] });
    expect(textOf(told)).toMatch(/“done\n\[an image of type image\/png, \d+ bytes\]”/);
  });
});

/** A PNG that the simulator itself generated. */
async function picture(): Promise<string> {
  const told = await events({
    input: say('A fjord.'),
    tools: [{ type: 'image_generation' }],
    tool_choice: { type: 'image_generation' },
  });
  return itemsOf(told).at(-1)!.result;
}

describe('images', () => {
  test('in the input are acknowledged', async () => {
    const base64 = await picture();
    const content = [
      { type: 'input_text', text: 'What is this?' },
      { type: 'input_image', image_url: `data:image/png;base64,${base64}` },
    ];
    const bytes = Buffer.from(base64, 'base64').length;
    expect(textOf(await events({ input: [{ role: 'user', content }] }))).toContain(
      `I received an image of type image/png, ${bytes} bytes.`,
    );
  });

  test('the hosted tool draws a real PNG, with as many partial ones as asked', async () => {
    const told = await events({
      input: say('Draw a red kite'),
      tools: [{ type: 'image_generation', partial_images: 2, size: '1024x1536' }],
    });
    const image = itemsOf(told).at(-1)!;
    expect(image).toMatchObject({ type: 'image_generation_call', size: '1024x1536', output_format: 'png' });
    const png = Buffer.from(image.result, 'base64');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const ihdr = png.subarray(12, 29);
    expect(png.readUInt32BE(29)).toBe(Bun.hash.crc32(ihdr));
    const partial = told.filter(({ type }) => type === 'response.image_generation_call.partial_image');
    expect(partial.map((event) => event.partial_image_index)).toEqual([0, 1]);
    expect(told.at(-1)!.response.tool_usage.image_gen.output_tokens).toBeGreaterThan(0);
  });
});

test('a web search is followed by a text whose citation points at its link', async () => {
  const told = await events({ input: say('search for fjords'), tools: [{ type: 'web_search' }] });
  expect(itemsOf(told).map(({ type }) => type)).toEqual(['reasoning', 'web_search_call', 'message']);
  const [part] = itemsOf(told).at(-1)!.content;
  const { start_index, end_index, url } = part.annotations[0];
  expect(part.text.slice(start_index, end_index)).toBe(`[example.com](${url})`);
});

describe('formats', () => {
  test('json_schema is satisfied, with values from the prompt', async () => {
    const schema = {
      type: 'object',
      properties: {
        name: { type: 'string' },
        age: { type: 'integer' },
        tags: { type: 'array', items: { type: 'string' } },
      },
      required: ['name', 'age', 'tags'],
      additionalProperties: false,
    };
    const format = { type: 'json_schema', name: 'person', strict: true, schema };
    const text = textOf(await events({ input: say('My friend Ada is 36'), text: { format } }));
    expect(JSON.parse(text)).toEqual({ name: 'Ada', age: 36, tags: ['Ada'] });
  });

  test('json_object is an object', async () => {
    const text = textOf(
      await events({ input: say('json please'), text: { format: { type: 'json_object' } } }),
    );
    expect(JSON.parse(text).answer).toContain('json please');
  });
});

test('compaction_trigger yields exactly one item, of type compaction', async () => {
  const told = await events({ input: [user('a long story'), { type: 'compaction_trigger' }] });
  expect(itemsOf(told)).toEqual([
    expect.objectContaining({ type: 'compaction', encrypted_content: expect.stringMatching(/^gAAAA/) }),
  ]);
});

test('500 turns at once are all answered', async () => {
  const lengths = await Promise.all(
    Array.from({ length: 500 }, async () => (await (await ask()).text()).length),
  );
  expect(new Set(lengths).size).toBe(1);
});
