// Checks a Responses request and removes what the upstream does not accept (docs/wire/openai.md#responses-fields,
// #responses-tools). Also reads the Responses bodies that Cursor sends to the chat route.

import { isCodexClient, isLiteInput } from '../../../responses/codex-client.ts';
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type {
  Dropped,
  InputItem,
  ResponsesRequest,
  TextOptions,
  ToolChoice,
} from '../../../responses/request.ts';
import { nothingEarlier, type RequestContext } from '../../../responses/translator.ts';
import { droppedFields } from '../../dropped.ts';
import { ToolNames } from '../../tool-names.ts';
import { translateMessages } from '../chat/messages.ts';
import {
  fields,
  invalid,
  optionalArray,
  optionalBoolean,
  optionalString,
  quoted,
  requiredString,
} from '../check.ts';
import { codexHeadersOf } from '../codex-fields.ts';
import {
  effort,
  effortOfThinking,
  reasoningSummary,
  serviceTier,
  textFormat,
  verbosity,
} from '../options.ts';
import { toolChoice } from '../tools.ts';
import { echoOf } from './echo.ts';
import { previousIdOf } from './history.ts';
import { historyItems, inputItems } from './input.ts';
import { checkRefused, fieldTable } from './refusals.ts';
import { namespacesOf, type ResponsesTools, responsesTools } from './tools.ts';
import type { InputOptions, ResponsesTranslation } from './types.ts';

const encryptedReasoning = 'reasoning.encrypted_content';

export function translateResponsesBody(body: unknown, context: RequestContext): ResponsesTranslation {
  if (!isObject(body)) throw invalid(undefined, 'The request body must be a JSON object.', 'invalid_type');
  const model = requiredString(body.model, 'model');
  const { earlier = nothingEarlier } = context;
  checkRefused(body, context.earlier);
  const isLite = isLiteInput(body.input) || isLiteInput(earlier.history);
  const codex = isCodexClient(context.headers) || isLite;
  const dropped = droppedFields(body, fieldTable);
  const toolNames = new ToolNames();
  const tools = responsesTools(body.tools, codex, toolNames);
  const text = textOptions(body);
  const namespaces = namespacesOf(tools.tools);
  const inputOptions = { codex, names: toolNames, namespaces, dropped, earlier };
  const { ownInput, ...conversation } = conversationOf(body, inputOptions, text);
  const continues = previousIdOf(body);
  const choice = codex
    ? (body.tool_choice as ToolChoice | undefined)
    : toolChoice(body.tool_choice, tools.tools, toolNames);
  const include = includeOf(body.include, dropped);
  const request: ResponsesRequest = {
    model,
    ...conversation,
    ...toolOptions(body, tools, choice, isLite),
    ...defined('reasoning', reasoningOf(body, context, codex, dropped)),
    ...defined('text', Object.keys(text).length === 0 ? undefined : text),
    ...defined('prompt_cache_key', optionalString(body.prompt_cache_key, 'prompt_cache_key') || undefined),
    ...defined('service_tier', serviceTier(body.service_tier)),
    ...defined('client_metadata', clientMetadata(body.client_metadata)),
    ...defined('stream_options', streamOptions(body.stream_options)),
    ...defined('access_programs', body.access_programs ?? undefined),
  };
  return {
    ...codexHeadersOf(body),
    model,
    stream: optionalBoolean(body.stream, 'stream') ?? false,
    request,
    dropped,
    effortParam: 'reasoning.effort',
    codex,
    keepsHistory: codex,
    showEncrypted: codex || include.includes(encryptedReasoning),
    toolNames,
    ownInput,
    ...(continues === undefined ? {} : { continues }),
    echo: echoOf(body, { tools: tools.echo, choice, text, names: toolNames }),
  };
}

function defined<K extends keyof ResponsesRequest>(
  key: K,
  value: ResponsesRequest[K] | undefined,
): Partial<ResponsesRequest> {
  return value === undefined ? {} : { [key]: value };
}

// --- input and instructions ---

interface Conversation extends Pick<ResponsesTranslation, 'ownInput'> {
  instructions?: string;
  input: InputItem[];
}

function conversationOf(body: Fields, options: InputOptions, text: TextOptions): Conversation {
  const instructions = instructionsOf(body.instructions);
  const continuesOnly = !Array.isArray(body.messages) && isSet(body.previous_response_id);
  if (isSet(body.input) || continuesOnly) {
    if (Array.isArray(body.messages)) {
      options.dropped.push({ field: 'messages', why: '`input` takes precedence.' });
    }
    const own = inputItems(body.input ?? [], options);
    return { ...(instructions !== undefined && { instructions }), ...own };
  }
  if (!Array.isArray(body.messages)) {
    throw invalid('input', '`input` is required.', 'missing_required_parameter');
  }
  // A chat body on the wrong route. Its system messages are appended to `instructions`.
  const systemInInput = text.format?.type === 'json_object';
  const chat = translateMessages(body.messages, {
    names: options.names,
    history: historyItems(options),
    historyIsUnknown: options.earlier.areUnknown === true,
    systemInInput,
  });
  const joined = [instructions, chat.instructions].filter(Boolean).join('\n\n');
  const { input, ownInput } = chat;
  return { ...(joined && { instructions: joined }), input, ownInput };
}

function instructionsOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return optionalString(value, 'instructions');
  throw invalid('instructions', '`instructions` must be a string; items belong in `input`.', 'invalid_type');
}

// --- tools ---

/** Adds no defaults: they would break the prompt cache and Lite models (codex-lb#1200). */
function toolOptions(
  body: Fields,
  { tools }: ResponsesTools,
  choice: ToolChoice | undefined,
  isLite: boolean,
): Partial<ResponsesRequest> {
  const parallel = optionalBoolean(body.parallel_tool_calls, 'parallel_tool_calls');
  const any = tools !== undefined || isLite;
  return {
    ...defined('tools', tools),
    ...defined('tool_choice', any ? (choice ?? undefined) : undefined),
    ...defined('parallel_tool_calls', any ? parallel : undefined),
  };
}

// --- other fields ---

function reasoningOf(
  body: Fields,
  context: RequestContext,
  codex: boolean,
  dropped: Dropped[],
): ResponsesRequest['reasoning'] {
  const {
    effort: requested,
    summary,
    generate_summary,
    context: scope,
    ...others
  } = fields(body.reasoning ?? {}, 'reasoning');
  for (const [key, value] of Object.entries(others)) {
    if (!isSet(value)) continue;
    dropped.push({ field: `reasoning.${key}`, why: 'The upstream supports only `effort` and `summary`.' });
  }
  const chosen =
    effort(requested, 'reasoning.effort') ??
    effort(body.reasoning_effort, 'reasoning_effort') ??
    effortOfThinking(body);
  const given = summary === undefined ? generate_summary : summary;
  const wanted = given === undefined && !codex ? context.reasoningSummary : given;
  const text = reasoningSummary(wanted);
  const reasoning = {
    ...(chosen !== undefined && { effort: chosen }),
    ...(text !== undefined && text !== 'none' && { summary: text }),
    ...(codex && typeof scope === 'string' && { context: scope }),
  };
  if (!codex && isSet(scope)) {
    dropped.push({
      field: 'reasoning.context',
      why: 'Only Responses Lite requests support it.',
    });
  }
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

/** `text`, and chat's fields for the same options. */
function textOptions(body: Fields): TextOptions {
  const given = fields(body.text ?? {}, 'text');
  const format =
    textFormat(given.format, 'text.format', undefined) ??
    textFormat(body.response_format, 'response_format', false);
  const level = verbosity(given.verbosity, 'text.verbosity') ?? verbosity(body.verbosity, 'verbosity');
  return { ...(format && { format }), ...(level !== undefined && { verbosity: level }) };
}

function includeOf(value: unknown, dropped: Dropped[]): unknown[] {
  const include = optionalArray(value, 'include') ?? [];
  for (const each of include) {
    if (each === encryptedReasoning) continue;
    if (each === 'message.output_text.logprobs') {
      throw invalid('include', 'The upstream does not return log probabilities.', 'unsupported_value');
    }
    dropped.push({ field: `include: ${quoted(each)}`, why: 'The upstream does not support it.' });
  }
  return include;
}

function clientMetadata(value: unknown): Record<string, string> | undefined {
  if (!isSet(value)) return undefined;
  const metadata = fields(value, 'client_metadata');
  for (const key of Object.keys(metadata)) optionalString(metadata[key], `client_metadata.${key}`);
  return metadata as Record<string, string>;
}

/** Only Codex's own option is sent upstream. codexd never adds padding (`include_obfuscation`). */
function streamOptions(value: unknown): ResponsesRequest['stream_options'] {
  if (!isSet(value)) return undefined;
  const { reasoning_summary_delivery: delivery } = fields(value, 'stream_options');
  const text = optionalString(delivery, 'stream_options.reasoning_summary_delivery');
  return text === undefined ? undefined : { reasoning_summary_delivery: text };
}
