// Translates a Messages request to a Responses request.
import { type Fields, isSet, numberOf } from '../../../responses/fields.ts';
import { isStrict } from '../../../responses/json-schema.ts';
import { type ResponsesRequest, searchSources, type TextOptions } from '../../../responses/request.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import type { RequestContext } from '../../../responses/translator.ts';
import { verbosities } from '../../../responses/words.ts';
import { compactedItems } from '../../compacted-history.ts';
import { ToolNames } from '../../tool-names.ts';
import {
  DroppedFields,
  fieldsAt,
  flagAt,
  invalid,
  listAt,
  nameAt,
  optionalFields,
  optionalText,
  quoted,
  textAt,
  wordAt,
} from '../check.ts';
import { cacheKey } from './cache-key.ts';
import { translateMessages } from './messages.ts';
import { checkRefused, dropFields, thinkingTurns } from './refusals.ts';
import { systemPrompt } from './system.ts';
import { thinkingOf } from './thinking.ts';
import { toolOptions } from './tools.ts';
import type { MessagesTranslation } from './types.ts';

/** `id`: the answer's id. */
export function translateMessagesRequest(
  given: unknown,
  context: RequestContext,
  id: string,
): MessagesTranslation {
  const body = fieldsAt(given, 'body');
  const maxTokens = limitOf(body.max_tokens);
  const translation = translateBody(body, context, id);
  return maxTokens === 0 ? { ...translation, ready: emptyResponse(id) } : translation;
}

/** Without the checks that only a turn needs: the token limit and, unless `wantsAnswer`, an end that expects an answer. */
export function translateBody(
  body: Fields,
  context: RequestContext,
  id: string,
  wantsAnswer = true,
): MessagesTranslation {
  const model = nameAt(body.model, 'model');
  checkRefused(body);
  const drops = new DroppedFields();
  dropFields(body, drops);
  const names = new ToolNames();
  const tools = toolOptions(body, names, drops);
  const { instructions, leading } = systemOf(body, drops);
  const keptTurns = thinkingTurns(body.context_management, drops);
  const conversation = translateMessages(body.messages, {
    names,
    drops,
    loaded: tools.loaded,
    thinkingTurns: keptTurns,
    wantsAnswer,
  });
  const input = [...leading, ...conversation.input];
  const searches = tools.options.tools?.some(({ type }) => type === 'web_search') ?? false;
  const { reasoning, effortIsImplied, display } = thinkingOf(body, conversation.effort, context, drops);
  const text = textOptions(body);
  const speed = speedOf(body.speed);
  const stops = stopSequences(body.stop_sequences, drops);
  const request: ResponsesRequest = {
    model,
    ...(instructions === '' ? {} : { instructions }),
    input,
    ...tools.options,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(Object.keys(text).length === 0 ? {} : { text }),
    ...(searches ? { include: [searchSources] } : {}),
    prompt_cache_key:
      optionalText(body.prompt_cache_key, 'prompt_cache_key') ||
      cacheKey(context.headers, body.metadata, { model, instructions, input }),
    ...(speed === 'fast' ? { service_tier: 'priority' } : {}),
  };
  return {
    model,
    stream: flagAt(body.stream, 'stream'),
    request,
    dropped: drops.list,
    clearsReasoning: keptTurns !== undefined,
    effortParam: 'output_config.effort',
    effortIsImplied,
    id,
    requestId: context.requestId ?? null,
    toolNames: names,
    stopSequences: stops,
    thinking: display,
    speed,
    reportsEdits: isSet(body.context_management) && hasManagementBeta(context.headers),
  };
}

function limitOf(value: unknown): number {
  if (!isSet(value)) throw invalid('max_tokens', 'Field required');
  const limit = numberOf(value) ?? Number.NaN;
  if (Number.isInteger(limit) && limit >= 0) return limit;
  throw invalid('max_tokens', 'Input should be an integer of at least 0');
}

/** For a request for zero tokens, which only warms a cache. The upstream does not support that. */
function emptyResponse(id: string): ResponsesResponse {
  return { id, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [] };
}

/** A compacted history may be part of the system prompt; it is placed before the conversation. */
function systemOf(body: Fields, drops: DroppedFields) {
  const texts = systemPrompt(body.system, drops);
  const compacted = texts.map((text) => compactedItems(text, (why) => invalid('system', why)));
  return {
    instructions: texts.filter((_, index) => compacted[index] === undefined).join('\n\n'),
    leading: compacted.flatMap((items) => items ?? []),
  };
}

function speedOf(value: unknown): MessagesTranslation['speed'] {
  const speed = optionalText(value, 'speed') ?? null;
  if (speed === null || speed === 'standard' || speed === 'fast') return speed;
  throw invalid('speed', `Input should be \`standard\` or \`fast\`, not \`${quoted(speed)}\``);
}

/** The answer to a structured request is ordinary text that contains the JSON. */
function textOptions(body: Fields): TextOptions {
  const config = optionalFields(body.output_config, 'output_config') ?? {};
  const format = isSet(config.format)
    ? jsonFormat(config.format, 'output_config.format')
    : jsonFormat(body.output_format, 'output_format');
  const text = optionalFields(body.text, 'text') ?? {};
  const verbosity =
    wordAt(body.verbosity, 'verbosity', verbosities) ?? wordAt(text.verbosity, 'text.verbosity', verbosities);
  return { ...(format === undefined ? {} : { format }), ...(verbosity === undefined ? {} : { verbosity }) };
}

function jsonFormat(value: unknown, path: string): TextOptions['format'] {
  const format = optionalFields(value, path);
  if (format === undefined) return undefined;
  if (format.type !== 'json_schema') {
    throw invalid(`${path}.type`, `Input should be \`json_schema\`, not \`${quoted(format.type)}\``);
  }
  const { $schema: _, ...schema } = fieldsAt(format.schema, `${path}.schema`);
  return {
    type: 'json_schema',
    name: 'output',
    schema,
    strict: schema.type === 'object' && isStrict(schema),
  };
}

function stopSequences(value: unknown, drops: DroppedFields): string[] {
  const texts = listAt(value, 'stop_sequences').map((each, index) => textAt(each, `stop_sequences.${index}`));
  const empty = texts.indexOf('');
  if (empty !== -1) throw invalid(`stop_sequences.${empty}`, 'Input should not be empty');
  const visible = texts.filter((text) => text.trim() !== '');
  if (visible.length < texts.length) {
    drops.add('stop_sequences', 'Sequences of only white space are ignored.');
  }
  return visible;
}

function hasManagementBeta(headers: Headers): boolean {
  return headers.get('anthropic-beta')?.includes('context-management-') ?? false;
}
