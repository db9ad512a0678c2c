// The AI SDK in a tool loop, as in its documentation.
import { installFromNpm } from '../support/install.ts';

const version = '7.0.173';
const packages = [
  `ai@${version}`,
  '@ai-sdk/anthropic@4.0.105',
  '@ai-sdk/openai@4.0.118',
  '@ai-sdk/openai-compatible@3.0.92',
];

export type Provider = 'anthropic' | 'openai' | 'openai-compatible';

/** The part of the library that the test uses; the library is not installed when types are checked. */
interface Library {
  generateText(options: object): Promise<{ text: string; responseMessages: object[] }>;
  tool(options: object): object;
  jsonSchema(schema: object): object;
  stepCountIs(steps: number): object;
}
type Model = (name: string) => object;

export interface AiSdk {
  conversation(
    provider: Provider,
    url: string,
    model: string,
  ): Promise<{ ask(question: string): Promise<string> }>;
}

export function installAiSdk(): AiSdk | { why: string } {
  const directory = installFromNpm(`ai-sdk-agents-${version}`, packages);
  if (directory === undefined) return { why: `npm could not install the AI SDK ${version}` };
  const load = (name: string) => import(Bun.resolveSync(name, directory));
  return {
    async conversation(provider, url, name) {
      const library = (await load('ai')) as Library;
      const model = modelOf(provider, await load(`@ai-sdk/${provider}`), url)(name);
      const weather = library.tool({
        description: 'Weather of a city',
        inputSchema: library.jsonSchema({
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
        }),
        execute: async ({ city }: { city: string }) => `rain in ${city}`,
      });
      const messages: object[] = [];
      return {
        async ask(question) {
          messages.push({ role: 'user', content: question });
          const answer = await library.generateText({
            model,
            system: 'You report the weather.',
            messages,
            tools: { get_weather: weather },
            stopWhen: library.stepCountIs(10),
            maxRetries: 0,
            maxOutputTokens: 8000,
            providerOptions,
          });
          messages.push(...answer.responseMessages);
          return answer.text;
        },
      };
    },
  };
}

const providerOptions = {
  anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } },
  openai: { store: false, include: ['reasoning.encrypted_content'] },
};

function modelOf(
  provider: Provider,
  library: Record<string, (options: object) => unknown>,
  url: string,
): Model {
  const settings = { baseURL: `${url}/v1`, apiKey: 'anything', name: 'codexd' };
  switch (provider) {
    case 'anthropic':
      return library.createAnthropic?.(settings) as Model;
    case 'openai':
      return library.createOpenAI?.(settings) as Model;
    case 'openai-compatible':
      return library.createOpenAICompatible?.(settings) as Model;
  }
}
