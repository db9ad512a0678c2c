// Tools of chat completions, with the official client's tool loops (docs/wire/openai.md#chat-tools, #tool-choice,
// #tool-index).
import { describe, expect, test } from 'bun:test';
import { chatParams, type Params, weather } from './chat-support.ts';
import { fixture, turnsSent, useWorld } from './daemon.ts';

const world = useWorld();

describe('tools', () => {
  /** Answers the calls, and records their cities. */
  function answering(cities: string[]) {
    const asks = {
      ...weather.function,
      parse: JSON.parse as (text: string) => { city: string },
      function: ({ city }: { city: string }) => {
        cities.push(city);
        return `${city} is sunny`;
      },
    };
    return [{ type: 'function', function: asks }] as never;
  }

  test.each([false, true])(
    'runTools, stream %p: two parallel calls, both outputs go back',
    async (stream) => {
      const cities: string[] = [];
      const params = { ...chatParams('What is the weather in Oslo and Rome?'), tools: answering(cities) };
      const answer = await (stream
        ? world.client.chat.completions.runTools({ ...params, stream }).finalContent()
        : world.client.chat.completions.runTools(params).finalContent());
      expect(cities).toEqual(['Oslo', 'Rome']);
      expect(answer).toContain('Oslo is sunny');
      expect(answer).toContain('Rome is sunny');

      const [, second, ...more] = turnsSent(world.simulator);
      expect(more).toEqual([]);
      const [, reasoning, oslo, rome, ...outputs] = second!.body.input;
      expect(reasoning).toMatchObject({
        type: 'reasoning',
        encrypted_content: expect.stringMatching(/^gAAAA/),
      });
      expect(oslo).toMatchObject({
        type: 'function_call',
        name: 'get_weather',
        arguments: '{"city":"Oslo"}',
      });
      expect(rome).toMatchObject({
        type: 'function_call',
        name: 'get_weather',
        arguments: '{"city":"Rome"}',
      });
      expect(outputs).toEqual([
        { type: 'function_call_output', call_id: oslo!.call_id, output: 'Oslo is sunny' },
        { type: 'function_call_output', call_id: rome!.call_id, output: 'Rome is sunny' },
      ]);
    },
  );

  test('interleaved deltas of two calls are told apart', async () => {
    world.simulator.script(fixture('interleaved-calls'));
    const stream = world.client.chat.completions.stream(chatParams('Both, please.', { tools: [weather] }));
    const { tool_calls } = (await stream.finalChatCompletion()).choices[0]!.message;
    expect(tool_calls!.length).toBe(2);
    for (const call of tool_calls!) {
      if (!('function' in call)) throw new Error('not a function');
      expect(() => JSON.parse(call.function.arguments)).not.toThrow();
    }
    expect(new Set(tool_calls!.map(({ id }) => id)).size).toBe(2);
  });

  test('a custom tool is called with free text', async () => {
    const { choices } = await world.client.chat.completions.create(
      chatParams('Call shell.', { tools: [{ type: 'custom', custom: { name: 'shell' } }] }),
    );
    expect(choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [{ type: 'custom', custom: { name: 'shell', input: 'Call shell.' } }],
      },
    });
  });

  test.each<[string, Params['tool_choice'], unknown, string]>([
    ['none', 'none', 'none', 'stop'],
    ['auto', 'auto', 'auto', 'tool_calls'],
    ['required', 'required', 'required', 'tool_calls'],
    [
      'a named one',
      { type: 'function', function: { name: 'get_weather' } },
      { type: 'function', name: 'get_weather' },
      'tool_calls',
    ],
    [
      'allowed ones',
      {
        type: 'allowed_tools',
        allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'get_weather' } }] },
      },
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_weather' }] },
      'tool_calls',
    ],
  ])('tool_choice: %s', async (_, tool_choice, sent, finishReason) => {
    const params = chatParams('What is the weather in Oslo?', {
      tools: [weather],
      tool_choice: tool_choice!,
    });
    const { choices } = await world.client.chat.completions.create(params);
    expect(choices[0]!.finish_reason).toBe(finishReason as never);
    expect(turnsSent(world.simulator)[0]!.body.tool_choice).toEqual(sent);
  });
});
