// Translates a chat completion request to a Responses request (docs/wire/openai.md#chat-request).
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { ResponsesRequest, TextOptions } from '../../../responses/request.ts';
import { nothingEarlier, type RequestContext } from '../../../responses/translator.ts';
import { droppedFields } from '../../dropped.ts';
import { ToolNames } from '../../tool-names.ts';
import { fields, invalid, optionalArray, optionalBoolean, optionalString, requiredString } from '../check.ts';
import { codexHeadersOf } from '../codex-fields.ts';
import { serviceTier, textFormat, verbosity } from '../options.ts';
import { previousIdOf } from '../responses/history.ts';
import { historyItems } from '../responses/input.ts';
import { translateResponsesBody } from '../responses/request.ts';
import { translateMessages } from './messages.ts';
import { contextFor, reasoningOptions, styleFor } from './reasoning.ts';
import { checkRefused, fieldTable } from './refusals.ts';
import { isLegacy, toolOptions } from './tools.ts';
import type { ChatTranslation } from './types.ts';

export function translateChatRequest(given: unknown, context: RequestContext): ChatTranslation {
  if (!isObject(given)) throw invalid(undefined, 'The request body must be a JSON object.', 'invalid_type');
  const { reasoning_format: format, ...body } = given;
  const ownContext = contextFor(format, context);
  return isResponsesShaped(body) ? translateResponsesShaped(body, ownContext) : translate(body, ownContext);
}

/** Cursor sends Responses bodies to this route and expects chat chunks. */
function isResponsesShaped({ messages, input }: Fields): boolean {
  const empty = !isSet(messages) || (Array.isArray(messages) && messages.length === 0);
  return empty && (typeof input === 'string' || Array.isArray(input));
}

function translateResponsesShaped(body: Fields, context: RequestContext): ChatTranslation {
  const responses = translateResponsesBody(body, context);
  const { model, request, dropped, toolNames, codex, continues, ownInput } = responses;
  return {
    ...codexHeadersOf(body),
    model,
    request,
    keepsHistory: codex,
    dropped: dropped.filter(({ field }) => field !== 'stop'),
    ...responseOptions(body),
    legacyFunctions: false,
    toolNames,
    ownInput,
    ...(continues === undefined ? {} : { continues }),
    reasoningStyle: styleFor(request.text?.format, context.reasoningStyle),
    keepalive: context.keepalive ?? 'comment',
  };
}

function translate(body: Fields, context: RequestContext): ChatTranslation {
  const model = requiredString(body.model, 'model');
  checkRefused(body, context.earlier);
  const toolNames = new ToolNames();
  const tools = toolOptions(body, toolNames);
  const text = textOptions(body);
  const { reasoning, style, dropped } = reasoningOptions(body, text.format, context);
  const continues = previousIdOf(body);
  const { earlier = nothingEarlier } = context;
  const conversation = translateMessages(body.messages, {
    names: toolNames,
    history: historyItems({ codex: false, names: toolNames, namespaces: new Set(), dropped, earlier }),
    historyIsUnknown: earlier.areUnknown === true,
    systemInInput: text.format?.type === 'json_object',
  });
  const instructions = joinInstructions(body, conversation.instructions);
  const cacheKey = optionalString(body.prompt_cache_key, 'prompt_cache_key') || undefined;
  const tier = serviceTier(body.service_tier);
  const request: ResponsesRequest = {
    model,
    ...(instructions === '' ? {} : { instructions }),
    input: conversation.input,
    ...tools,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(Object.keys(text).length === 0 ? {} : { text }),
    ...(cacheKey === undefined ? {} : { prompt_cache_key: cacheKey }),
    ...(tier === undefined ? {} : { service_tier: tier }),
  };
  return {
    ...codexHeadersOf(body),
    model,
    request,
    dropped: [...droppedFields(body, fieldTable), ...dropped],
    ...responseOptions(body),
    legacyFunctions: isLegacy(body),
    toolNames,
    ownInput: conversation.ownInput,
    ...(continues === undefined ? {} : { continues }),
    reasoningStyle: style,
    keepalive: context.keepalive ?? 'comment',
  };
}

/** Options that affect only the response. */
function responseOptions(body: Fields): Pick<ChatTranslation, 'stream' | 'includeUsage' | 'stop'> {
  const options = fields(body.stream_options ?? {}, 'stream_options');
  return {
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    includeUsage: optionalBoolean(options.include_usage, 'stream_options.include_usage') ?? false,
    stop: stopTexts(body.stop),
  };
}

function stopTexts(value: unknown): string[] {
  const given = typeof value === 'string' ? [value] : (optionalArray(value, 'stop') ?? []);
  if (given.length > 4) throw invalid('stop', '`stop` can contain at most 4 texts.', 'invalid_value');
  return given
    .map((each, index) => optionalString(each, `stop[${index}]`) ?? '')
    .filter((text) => text !== '');
}

/** Chat's own fields take precedence over `text`, the Responses API's field for the same two options. */
function textOptions(body: Fields): TextOptions {
  const text = fields(body.text ?? {}, 'text');
  const format =
    textFormat(body.response_format, 'response_format', false) ??
    textFormat(text.format, 'text.format', false);
  const level = verbosity(body.verbosity, 'verbosity') ?? verbosity(text.verbosity, 'text.verbosity');
  return {
    ...(format === undefined || format.type === 'text' ? {} : { format }),
    ...(level === undefined ? {} : { verbosity: level }),
  };
}

function joinInstructions(body: Fields, system: string | undefined): string {
  return [optionalString(body.instructions, 'instructions'), system].filter(Boolean).join('\n\n');
}
