// Agent loops of real clients: three steps of tools, the second with two parallel calls. The reasoning of every step is
// sent upstream with every later one, and each request begins with the whole previous one, because the prompt cache
// depends on the exact prefix.
import { beforeEach, describe, expect, test } from 'bun:test';
import Anthropic from '@anthropic-ai/sdk';
import { type Message, Ollama } from 'ollama';
import type OpenAI from 'openai';
import {
  agentSteps,
  expectReasoningKept,
  finalText,
  model,
  outline,
  prompt,
  weatherOf,
} from './agents-support.ts';
import { type AiSdk, loadAiSdk } from './ai-sdk.ts';
import { weather } from './chat-support.ts';
import { thrownBy, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();
const sdk = await loadAiSdk();
if ('why' in sdk) console.warn(`skipped: ${sdk.why}`);

beforeEach(() => world.simulator.script(...agentSteps));

describe('chat completions', () => {
  test.each([false, true])('openai’s runTools, stream %p', async (stream) => {
    const tool = {
      ...weather.function,
      parse: JSON.parse as (text: string) => { city: string },
      function: ({ city }: { city: string }) => weatherOf(city),
    };
    const params = {
      model,
      messages: [{ role: 'user' as const, content: prompt }],
      tools: [{ type: 'function', function: tool }] as never,
    };
    const { completions } = world.client.chat;
    const text = await (stream
      ? completions.runTools({ ...params, stream }).finalContent()
      : completions.runTools(params).finalContent());
    expect(text).toBe(finalText);
    expectReasoningKept(turnsSent(world.simulator));
  });

  test('an SDK of 2023 with `function_call`, which has no ids: the reasoning comes back by position', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: prompt }];
    for (const city of ['Oslo', 'Rome', 'Oslo']) {
      const { choices } = await world.client.chat.completions.create({
        model,
        messages,
        functions: [weather.function],
      });
      const { content, function_call } = choices[0]!.message;
      expect(JSON.parse(function_call!.arguments)).toEqual({ city });
      messages.push({ role: 'assistant', content, function_call: function_call! });
      messages.push({ role: 'function', name: 'get_weather', content: weatherOf(city) });
    }
    await world.client.chat.completions.create({ model, messages, functions: [weather.function] });
    const kept = turnsSent(world.simulator).map(
      (turn) => outline(turn).filter((type) => type === 'reasoning').length,
    );
    // Such clients see only the first of two parallel calls, so the second step is not recognised.
    expect(kept).toEqual([0, 1, 1, 2]);
  });
});

describe.skipIf('why' in sdk)('the AI SDK', () => {
  const settings = (ask: (provider: ReturnType<Sdk['openai']>) => unknown) => {
    const { openai, cityTool, stepCountIs } = sdk as Sdk;
    return {
      model: ask(openai(`${world.daemon.url}/v1`)),
      prompt,
      tools: { get_weather: cityTool(weatherOf) },
      stopWhen: stepCountIs(6),
    };
  };
  type Sdk = Exclude<typeof sdk, { why: string }>;

  test('chat', async () => {
    const { text } = await (sdk as Sdk).generateText(settings((openai) => openai.chat(model)));
    expect(text).toBe(finalText);
    expectReasoningKept(turnsSent(world.simulator));
  });

  test('chat, streamed', async () => {
    const result = (sdk as Sdk).streamText(settings((openai) => openai.chat(model)));
    await result.consumeStream();
    expect(await result.text).toBe(finalText);
    expectReasoningKept(turnsSent(world.simulator));
  });

  test('responses, without a store', async () => {
    const { text } = await (sdk as Sdk).generateText({
      ...settings((openai) => openai.responses(model)),
      providerOptions: { openai: { store: false } },
    });
    expect(text).toBe(finalText);
    expectReasoningKept(turnsSent(world.simulator));
  });
});

describe.each([6, 7] as const)('the AI SDK %i as its documentation shows it', async (major) => {
  const loaded = await loadAiSdk(major);

  test.skipIf('why' in loaded).each([false, true])(
    'responses: it refers to stored items, stream %p',
    async (stream) => {
      const { openai, cityTool, stepCountIs, generateText, streamText } = loaded as AiSdk;
      const settings = {
        model: openai(`${world.daemon.url}/v1`).responses(model),
        prompt,
        tools: { get_weather: cityTool(weatherOf) },
        stopWhen: stepCountIs(6),
      };
      const { text } = stream ? streamText(settings) : await generateText(settings);
      expect(await text).toBe(finalText);
      expectReasoningKept(turnsSent(world.simulator));
    },
  );
});

describe('responses', () => {
  const tool: OpenAI.Responses.FunctionTool = {
    type: 'function',
    name: 'get_weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
    strict: false,
  };

  /** The loop of OpenAI's guide: all output is sent back as input. */
  async function loop(
    more: object,
    replay = (items: OpenAI.Responses.ResponseOutputItem[]): unknown[] => items,
  ) {
    const input: unknown[] = [{ role: 'user', content: prompt }];
    for (;;) {
      const params = { model, input: input as OpenAI.Responses.ResponseInput, tools: [tool], ...more };
      const response = await world.client.responses.create(params);
      const calls = response.output.filter((item) => item.type === 'function_call');
      if (calls.length === 0) return response.output_text;
      input.push(...replay(response.output));
      for (const { call_id, arguments: given } of calls) {
        input.push({ type: 'function_call_output', call_id, output: weatherOf(JSON.parse(given).city) });
      }
    }
  }

  test.each([{}, { store: false }, { include: ['reasoning.encrypted_content'], store: false }])(
    'openai with %j',
    async (more) => {
      expect(await loop(more)).toBe(finalText);
      expectReasoningKept(turnsSent(world.simulator));
    },
  );

  test('openai with references in place of the reasoning', async () => {
    const replay = (items: OpenAI.Responses.ResponseOutputItem[]) =>
      items.map((item) => (item.type === 'reasoning' ? { type: 'item_reference', id: item.id } : item));
    expect(await loop({}, replay)).toBe(finalText);
    expectReasoningKept(turnsSent(world.simulator));
  });

  test('openai without the reasoning', async () => {
    const replay = (items: OpenAI.Responses.ResponseOutputItem[]) =>
      items.filter(({ type }) => type !== 'reasoning');
    expect(await loop({}, replay)).toBe(finalText);
    expectReasoningKept(turnsSent(world.simulator));
  });

  test('a reference to a message stays a clear 400', async () => {
    const input = [{ type: 'item_reference', id: 'msg_1' }] as OpenAI.Responses.ResponseInput;
    expect(await thrownBy(world.client.responses.create({ model, input }))).toMatchObject({
      status: 400,
      code: 'item_not_found',
    });
    await loop({});
  });
});

describe('ollama', () => {
  const tools = [weather] as never;

  test.each([false, true])('its own client, stream %p', async (stream) => {
    const client = new Ollama({ host: world.daemon.url });
    const messages: Message[] = [{ role: 'user', content: prompt }];
    for (;;) {
      const message = stream
        ? joined(await Array.fromAsync(await client.chat({ model, messages, tools, stream: true })))
        : (await client.chat({ model, messages, tools, stream: false })).message;
      messages.push(message);
      if (message.tool_calls === undefined) break;
      for (const { function: called } of message.tool_calls) {
        messages.push({
          role: 'tool',
          tool_name: called.name,
          content: weatherOf(called.arguments.city as string),
        });
      }
    }
    expect(messages.at(-1)?.content).toBe(finalText);
    expectReasoningKept(turnsSent(world.simulator));
  });

  function joined(parts: { message: Message }[]): Message {
    const calls = parts.flatMap(({ message }) => message.tool_calls ?? []);
    const content = parts.map(({ message }) => message.content).join('');
    return { role: 'assistant', content, ...(calls.length === 0 ? {} : { tool_calls: calls }) };
  }

  /** It keeps neither ids nor reasoning, rewrites arguments, and its system prompt contains the time of day. */
  test('Home Assistant', async () => {
    const history: object[] = [{ role: 'user', content: prompt }];
    for (let minute = 0; ; minute++) {
      const system = { role: 'system', content: `You control a home. It is 12:0${minute}.` };
      const answer = await fetch(`${world.daemon.url}/api/chat`, {
        method: 'POST',
        body: JSON.stringify({
          model,
          messages: [system, ...history],
          tools,
          stream: false,
          keep_alive: '-1s',
          options: { num_ctx: 8192 },
          think: false,
        }),
      });
      const { message } = (await answer.json()) as { message: Message };
      if (message.tool_calls === undefined) break;
      history.push({
        role: 'assistant',
        content: message.content,
        tool_calls: message.tool_calls.map(({ function: { name, arguments: given } }) => ({
          function: { name, arguments: given },
        })),
      });
      for (const { function: called } of message.tool_calls) {
        history.push({
          role: 'tool',
          content: JSON.stringify({ weather: weatherOf(called.arguments.city as string) }),
        });
      }
    }
    const turns = turnsSent(world.simulator);
    const same = { instructions: 'You control a home.', prompt_cache_key: 'the system prompt changes' };
    expectReasoningKept(turns.map((turn) => ({ ...turn, body: { ...turn.body, ...same } })));
  });
});

test('Anthropic’s client without thinking, whose answers have no place for the reasoning', async () => {
  const client = new Anthropic({ baseURL: world.daemon.url, apiKey: 'anything', maxRetries: 0 });
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: prompt }];
  for (;;) {
    const { content, stop_reason } = await client.messages.create({
      model,
      max_tokens: 1000,
      messages,
      tools: [
        { name: 'get_weather', input_schema: { type: 'object', properties: { city: { type: 'string' } } } },
      ],
    });
    if (stop_reason !== 'tool_use') break;
    expect(content.map(({ type }) => type)).not.toContain('thinking');
    messages.push({ role: 'assistant', content });
    const uses = content.filter((block) => block.type === 'tool_use');
    messages.push({
      role: 'user',
      content: uses.map(({ id, input }) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: weatherOf((input as { city: string }).city),
      })),
    });
  }
  expectReasoningKept(turnsSent(world.simulator));
});
