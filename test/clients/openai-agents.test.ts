// OpenAI's Agents SDK as its documentation shows it: it continues a run by the id of the last response.
import { expect, test } from 'bun:test';
import { installFromNpm } from '../support/install.ts';
import { weatherOf } from './agents-support.ts';
import { clientOf, turnsSent, useWorld } from './daemon.ts';

const version = '0.20.0';
const directory = installFromNpm(`openai-agents-${version}`, [`@openai/agents@${version}`, 'zod@4.6.7']);
if (directory === undefined) console.warn(`skipped: npm could not install @openai/agents ${version}`);
const world = useWorld();

/** The part of the library that the test uses; its types are missing when ours are checked. */
interface Library {
  Agent: new (options: object) => object;
  run(
    agent: object,
    input: string,
    options?: object,
  ): Promise<{ finalOutput: string; lastResponseId: string }>;
  tool(options: object): object;
  setDefaultOpenAIClient(client: object): void;
  setTracingDisabled(disabled: boolean): void;
}

test.skipIf(directory === undefined)('a run with a tool, and one that continues it', async () => {
  world.simulator.script(
    { reasoning: ['Oslo?'], calls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }] },
    { reasoning: ['Sunny.'], text: 'Take a hat.' },
    { text: 'And sunglasses.' },
  );
  const library = (await import(Bun.resolveSync('@openai/agents', directory as string))) as Library;
  library.setDefaultOpenAIClient(clientOf(world.daemon));
  library.setTracingDisabled(true);
  const weather = library.tool({
    name: 'get_weather',
    description: 'Weather of a city',
    strict: false,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: true,
    },
    execute: async ({ city }: { city: string }) => weatherOf(city),
  });
  const agent = new library.Agent({
    name: 'Guide',
    instructions: 'Be kind.',
    model: 'gpt-5.5',
    tools: [weather],
  });
  const first = await library.run(agent, 'What do I need in Oslo?');
  expect(first.finalOutput).toBe('Take a hat.');
  const second = await library.run(agent, 'What else?', { previousResponseId: first.lastResponseId });
  expect(second.finalOutput).toBe('And sunglasses.');
  const step = ['reasoning', 'function_call', 'function_call_output'];
  expect(
    turnsSent(world.simulator).map(({ body }) => body.input.map(({ type, role }) => role ?? type)),
  ).toEqual([['user'], ['user', ...step], ['user', ...step, 'reasoning', 'assistant', 'user']]);
});
