// The AI SDK in this process: one agent loop, whole or streamed.
import { installRelease } from './ai-sdk-program.ts';

interface Settings {
  model: unknown;
  prompt: string;
  tools: Record<string, unknown>;
  stopWhen: unknown;
  providerOptions?: { openai: Record<string, unknown> };
}

/** The part that the tests use. */
export interface AiSdk {
  generateText(settings: Settings): Promise<{ text: string }>;
  streamText(settings: Settings): { text: Promise<string>; consumeStream(): Promise<void> };
  stepCountIs(count: number): unknown;
  /** A tool that accepts `{ city }`. */
  cityTool(execute: (city: string) => string): unknown;
  openai(baseURL: string): { chat(model: string): unknown; responses(model: string): unknown };
}

/** The SDK, installed if necessary, or the reason why it is missing. */
export async function loadAiSdk(major: 6 | 7 = 6): Promise<AiSdk | { why: string }> {
  const release = installRelease(major);
  if ('why' in release) return release;
  const load = (name: string) => import(Bun.resolveSync(name, release.directory));
  const [ai, openai] = await Promise.all([load('ai'), load('@ai-sdk/openai')]);
  const inputSchema = ai.jsonSchema({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  });
  return {
    generateText: ai.generateText,
    streamText: ai.streamText,
    stepCountIs: ai.stepCountIs,
    cityTool: (execute) =>
      ai.tool({
        description: 'The weather.',
        inputSchema,
        execute: ({ city }: { city: string }) => execute(city),
      }),
    openai: (baseURL) => openai.createOpenAI({ baseURL, apiKey: 'anything' }),
  };
}
