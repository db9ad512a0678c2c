// The routes that `codexd explain` knows: how the server translates their requests, and which of them a body looks made for.
import { compactRequest } from '../apis/anthropic/messages/checkpoint.ts';
import { anthropicMessages } from '../apis/anthropic/messages/index.ts';
import { compactionHeaders } from '../apis/compacted-history.ts';
import { ollamaChat } from '../apis/ollama/chat/index.ts';
import { ollamaGenerate } from '../apis/ollama/generate/index.ts';
import { openaiChat } from '../apis/openai/chat/index.ts';
import { chatCompaction, responsesCompaction } from '../apis/openai/compaction.ts';
import { openaiCompletions } from '../apis/openai/completions/index.ts';
import { chatModelOf } from '../apis/openai/images/parameters.ts';
import { translateImageRequest } from '../apis/openai/images/request.ts';
import { inspectRequest } from '../apis/openai/inspect.ts';
import { openaiResponses } from '../apis/openai/responses/index.ts';
import { imageCarrier } from '../apis/openai/routes/images.ts';
import { defaultModel, type ModelDialect, type Naming } from '../models/aliases.ts';
import { type Fields, isObject, isSet } from '../responses/fields.ts';
import type { RequestContext, Translation } from '../responses/translator.ts';
import { normalPath } from '../server/router.ts';
import { usageFailure } from './arguments.ts';

interface ExplainedRoute {
  naming: ModelDialect;
  translate: (body: unknown, context: RequestContext, naming: Naming) => Translation;
  /** What the server sends along with such a turn. */
  headers?: Record<string, string>;
}

const routes: Readonly<Record<string, ExplainedRoute>> = {
  '/v1/chat/completions': { naming: 'openai', translate: openaiChat.request },
  '/v1/completions': { naming: 'openai', translate: openaiCompletions.request },
  '/v1/responses': { naming: 'openai', translate: openaiResponses.request },
  '/v1/compact': {
    naming: 'openai',
    translate: (body, context, naming) => chatCompaction(body, context, defaultModel(naming).slug),
    headers: compactionHeaders,
  },
  '/v1/responses/compact': { naming: 'openai', translate: responsesCompaction, headers: compactionHeaders },
  '/v1/images/generations': {
    naming: 'openai',
    translate: (body, _, naming) =>
      translateImageRequest(body, 'generate', imageCarrier(naming, chatModelOf(body))),
  },
  '/v1/images/edits': {
    naming: 'openai',
    translate: (body, _, naming) =>
      translateImageRequest(body, 'edit', imageCarrier(naming, chatModelOf(body))),
  },
  '/v1/inspect': {
    naming: 'openai',
    translate: (body, _, naming) => inspectRequest(body, defaultModel(naming).slug),
  },
  '/v1/messages': { naming: 'anthropic', translate: anthropicMessages.request },
  '/v1/messages/compact': { naming: 'anthropic', translate: compactRequest, headers: compactionHeaders },
  '/api/chat': { naming: 'ollama', translate: ollamaChat.request },
  '/api/generate': { naming: 'ollama', translate: ollamaGenerate.request },
};

/** Answered without the upstream. */
export const countRoutes: readonly string[] = ['/v1/messages/count_tokens', '/v1/responses/input_tokens'];

export const routePaths = [...Object.keys(routes), ...countRoutes];

/** The path as routes are written: clients leave `/v1` out, or write it twice. */
export function routeNamed(path: string): string {
  const normal = normalPath(path.startsWith('/') ? path : `/${path}`);
  const known = [normal, `/v1${normal}`].find((each) => routePaths.includes(each));
  if (known !== undefined) return known;
  throw usageFailure(`codexd cannot explain the route ${path}.`, `Use one of ${routePaths.join(', ')}.`);
}

export function explainedRoute(path: string): ExplainedRoute {
  return routes[path] as ExplainedRoute;
}

/** The route a body looks made for. What several APIs would take is taken for OpenAI's. */
export function routeOf(body: unknown): string {
  const fields = isObject(body) ? body : {};
  const has = (...names: string[]) => names.some((name) => isSet(fields[name]));
  if (has('messages')) {
    if (isOllamaChat(fields)) return '/api/chat';
    return isAnthropic(fields) ? '/v1/messages' : '/v1/chat/completions';
  }
  if (has('input')) return '/v1/responses';
  if (has('prompt')) {
    const [image] = Array.isArray(fields.images) ? fields.images : [];
    if (typeof image === 'string' || isOllama(fields) || has('system', 'raw', 'template', 'context')) {
      return '/api/generate';
    }
    const draws =
      /^(openai\/)?((chat)?gpt-image-|dall-e)/.test(String(fields.model)) || has(...drawingFields);
    if (isObject(image)) return draws ? '/v1/images/edits' : '/v1/inspect';
    return draws || !has('model') ? '/v1/images/generations' : '/v1/completions';
  }
  throw usageFailure('The body has no `messages`, `input` or `prompt`.', 'Name its route with --route.');
}

const drawingFields = ['size', 'quality', 'background', 'output_format', 'partial_images', 'mask'];

function isOllama({ options, keep_alive, think, format }: Fields): boolean {
  return isObject(options) || [keep_alive, think, format].some(isSet);
}

function isOllamaChat(fields: Fields): boolean {
  return (
    isOllama(fields) || messagesOf(fields).some(({ images, tool_name }) => isSet(images) || isSet(tool_name))
  );
}

const anthropicBlocks = new Set(['tool_use', 'tool_result', 'thinking', 'image', 'document']);

function isAnthropic(fields: Fields): boolean {
  const { system, stop_sequences, output_config, tools } = fields;
  if ([system, stop_sequences, output_config].some(isSet)) return true;
  if (Array.isArray(tools) && tools.some((tool) => isObject(tool) && isSet(tool.input_schema))) return true;
  const blocks = messagesOf(fields).flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return blocks.some((block) => isObject(block) && anthropicBlocks.has(String(block.type)));
}

function messagesOf({ messages }: Fields): Fields[] {
  return Array.isArray(messages) ? messages.filter(isObject) : [];
}
