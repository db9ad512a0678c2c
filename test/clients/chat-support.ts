// Shared by the tests of chat completions: requests and tools.
import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionFunctionTool,
} from 'openai/resources/chat/completions';
import type { World } from './daemon.ts';

export type Params = Omit<ChatCompletionCreateParamsNonStreaming, 'stream'>;

export function chatParams(content: string, more: Partial<Params> = {}): Params {
  return { model: 'gpt-5.5', messages: [{ role: 'user', content }], ...more };
}

export async function chunksOf(world: World, params: Params): Promise<ChatCompletionChunk[]> {
  return Array.fromAsync(await world.client.chat.completions.create({ ...params, stream: true }));
}

export const weather: ChatCompletionFunctionTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};
