// The AI SDK, installed from the npm registry once, never part of the project.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const packages = ['ai@6.0.326', '@ai-sdk/openai@3.0.141', 'zod@4.6.7'];
const tools = join(import.meta.dir, '../../.tools/ai-sdk-6.0.326');

interface Settings {
  model: unknown;
  prompt: string;
  tools: Record<string, unknown>;
  stopWhen: unknown;
  providerOptions?: { openai: Record<string, unknown> };
}

/** As much of it as the tests use. */
export interface AiSdk {
  generateText(settings: Settings): Promise<{ text: string; steps: unknown[] }>;
  streamText(settings: Settings): { text: Promise<string>; consumeStream(): Promise<void> };
  stepCountIs(count: number): unknown;
  /** A tool that takes `{ city }`. */
  cityTool(execute: (city: string) => string): unknown;
  openai(baseURL: string): { chat(model: string): unknown; responses(model: string): unknown };
}

/** The SDK, installed when need be; why it is missing otherwise. */
export async function installedAiSdk(): Promise<AiSdk | { why: string }> {
  if (!existsSync(join(tools, 'node_modules/@ai-sdk/openai')) && !install()) {
    return { why: `npm could not install ${packages.join(', ')}` };
  }
  const [ai, openai, zod] = await Promise.all(
    ['ai/dist/index.mjs', '@ai-sdk/openai/dist/index.mjs', 'zod/index.js'].map(
      (file) => import(join(tools, 'node_modules', file)),
    ),
  );
  const inputSchema = zod.object({ city: zod.string() });
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

function install(): boolean {
  mkdirSync(tools, { recursive: true });
  writeFileSync(join(tools, 'package.json'), '{"private":true}\n');
  const flags = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  return Bun.spawnSync(['npm', 'install', ...flags, ...packages], { cwd: tools }).success;
}
