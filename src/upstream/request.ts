// The upstream's own rules: what it requires and what it refuses. APIs do not know them. The body is built from a list of
// allowed fields. Whatever the upstream would refuse is repaired and reported, or refused here.
import { isObject } from '../base/object.ts';
import { Failure } from '../failure.ts';
import { isLiteInput } from '../responses/codex-client.ts';
import {
  type Dropped,
  type InputItem,
  type ResponsesRequest,
  searchSources,
  type Tool,
} from '../responses/request.ts';
import { knownWord, verbosities } from '../responses/words.ts';
import { gatherLoadedTools, placeLoadedTools } from './loaded-tools.ts';
import { validCacheKey } from './rules/cache-key.ts';
import { checkItems } from './rules/items.ts';
import { checkServiceTier } from './rules/service-tier.ts';
import { checkTextFormat } from './rules/text-format.ts';
import { checkToolChoice } from './rules/tool-choice.ts';
import { checkTools } from './rules/tools.ts';

/** The catalogue's facts about a model that requests depend on. */
export interface ModelFacts {
  slug: string;
  supportsVerbosity: boolean;
  usesResponsesLite: boolean;
  inputModalities: string[];
  /** Ids; `priority` is the one users call fast. */
  serviceTiers: string[];
}

export interface UpstreamBody extends ResponsesRequest {
  store: false;
  stream: true;
}

export interface ShapedRequest {
  body: UpstreamBody;
  /** Whether the request needs `x-openai-internal-codex-responses-lite: true`. */
  lite: boolean;
  /** The body with all tools in `tools`, sent once if the upstream refuses tools inside the conversation. */
  gatheredBody?: UpstreamBody;
  dropped: Dropped[];
}

export type RequestShape = 'classic' | 'lite';

const encryptedReasoning = 'reasoning.encrypted_content';

/**
 * The request in a form that the upstream accepts. `shape` matters for models that accept only Responses Lite; a
 * request that already has that shape keeps it. `untouched`: the request comes from a Codex client, which follows the
 * rules itself.
 */
export function shapeRequest(
  given: ResponsesRequest,
  model: ModelFacts,
  shape: RequestShape,
  untouched = false,
): ShapedRequest {
  const alreadyLite = isLite(given);
  const { request, dropped } = untouched || alreadyLite ? { request: given, dropped: [] } : applyRules(given);
  refuseMissingModality(request.input, model);
  const lite = alreadyLite || (shape === 'lite' && model.usesResponsesLite);
  // In Codex's order (docs/wire/upstream.md#body).
  const marked: UpstreamBody = {
    model: model.slug,
    stream: true,
    ...tierOf(request, model, dropped),
    ...(alreadyLite || untouched
      ? pick(request, 'instructions')
      : { instructions: request.instructions ?? '' }),
    input: request.input,
    ...pick(request, 'tools'),
    ...pick(request, 'tool_choice'),
    ...pick(request, 'parallel_tool_calls'),
    ...pickMembers('reasoning', request.reasoning, ['effort', 'summary', 'context']),
    store: false,
    include: [...new Set([...(request.include ?? []), encryptedReasoning])],
    ...(request.prompt_cache_key ? { prompt_cache_key: validCacheKey(request.prompt_cache_key) } : {}),
    ...textOf(request, model, dropped),
    ...pick(request, 'client_metadata'),
    ...pickMembers('stream_options', request.stream_options, ['reasoning_summary_delivery']),
    ...pick(request, 'access_programs'),
  };
  const gathered = gatherLoadedTools(marked);
  const placed = model.usesResponsesLite ? placeLoadedTools(marked) : undefined;
  const body = placed ?? gathered;
  return {
    body: lite && !alreadyLite ? toLite(body) : body,
    lite,
    ...(placed === undefined || lite ? {} : { gatheredBody: gathered }),
    dropped,
  };
}

function applyRules(given: ResponsesRequest): { request: ResponsesRequest; dropped: Dropped[] } {
  const items = checkItems(given.input);
  const format = checkTextFormat(given.text);
  const text = format.text === undefined ? {} : { text: format.text };
  const request = { ...given, input: items.input, ...text };
  const dropped = [...items.dropped, ...format.dropped];
  if (given.tools === undefined) return { request, dropped };
  const checked = checkTools(given.tools);
  checkToolChoice(given.tool_choice, checked.tools);
  return { request: { ...request, tools: checked.tools }, dropped: [...dropped, ...checked.dropped] };
}

/** The request without `include` for the sources of web searches. */
export function withoutSources(body: UpstreamBody): UpstreamBody {
  return { ...body, include: body.include?.filter((each) => each !== searchSources) ?? [] };
}

/** The request without its reasoning items. The upstream cannot read those of another account or model. */
export function withoutReasoning(body: UpstreamBody): UpstreamBody {
  return { ...body, input: body.input.filter((item) => item.type !== 'reasoning') };
}

/** A Lite request without tools has no `additional_tools`, but always this `context` (docs/wire/upstream.md#responses-lite). */
function isLite({ input, reasoning }: ResponsesRequest): boolean {
  return isLiteInput(input) || reasoning?.context === 'all_turns';
}

function pick<K extends keyof ResponsesRequest>(
  request: ResponsesRequest,
  key: K,
): Partial<ResponsesRequest> {
  return request[key] === undefined ? {} : { [key]: request[key] };
}

/** The members of an option that the upstream knows; empty if it has none of them. */
function pickMembers(
  key: 'reasoning' | 'text' | 'stream_options',
  option: object | undefined,
  members: string[],
): Partial<ResponsesRequest> {
  const known = Object.entries(option ?? {}).filter(
    ([member, value]) => members.includes(member) && value !== undefined,
  );
  return known.length === 0 ? {} : { [key]: Object.fromEntries(known) };
}

function textOf(request: ResponsesRequest, model: ModelFacts, dropped: Dropped[]): Partial<ResponsesRequest> {
  const { verbosity } = request.text ?? {};
  if (verbosity !== undefined && knownWord(verbosity, verbosities) === undefined) {
    throw new Failure('invalid_request', '`verbosity` must be `low`, `medium` or `high`.', {
      param: 'verbosity',
      code: 'invalid_value',
    });
  }
  if (model.supportsVerbosity) return pickMembers('text', request.text, ['format', 'verbosity']);
  if (request.text?.verbosity !== undefined) {
    dropped.push({ field: 'verbosity', why: `${model.slug} does not support a verbosity.` });
  }
  return pickMembers('text', request.text, ['format']);
}

function tierOf(request: ResponsesRequest, model: ModelFacts, dropped: Dropped[]): Partial<ResponsesRequest> {
  const checked = checkServiceTier(request.service_tier, model);
  dropped.push(...checked.dropped);
  return checked.tier === undefined ? {} : { service_tier: checked.tier };
}

function refuseMissingModality(input: InputItem[], model: ModelFacts): void {
  if (model.inputModalities.includes('image')) return;
  if (!input.some((item) => partsOf(item).some((part) => part.type === 'input_image'))) return;
  throw new Failure('invalid_request', `${model.slug} does not accept images.`, {
    code: 'unsupported_value',
    param: 'input',
    advice: 'Choose another model: `codexd models` lists them.',
  });
}

/** Responses Lite: tools and instructions are the first input items (docs/wire/upstream.md#responses-lite). */
function toLite(body: UpstreamBody): UpstreamBody {
  const { instructions, tools, input, parallel_tool_calls: _, ...rest } = body;
  const first: InputItem[] = [];
  if (tools !== undefined && tools.length > 0) {
    first.push({ type: 'additional_tools', role: 'developer', tools: tools.map(liteTool) });
  }
  if (instructions) {
    first.push({ type: 'message', role: 'developer', content: [{ type: 'input_text', text: instructions }] });
  }
  return {
    ...rest,
    input: [...first, ...input.map(withoutDetail)],
    parallel_tool_calls: false,
    reasoning: { ...rest.reasoning, context: 'all_turns' },
  };
}

function liteTool(tool: Tool): Tool {
  if (
    tool.type === 'function' ||
    tool.type === 'custom' ||
    tool.type === 'namespace' ||
    tool.type === 'tool_search'
  ) {
    return tool;
  }
  throw new Failure(
    'invalid_request',
    `The tool type \`${tool.type}\` is not supported in the Responses Lite shape.`,
    {
      code: 'unsupported_tool',
      param: 'tools',
      advice: 'Set `upstream.shape = "classic"`, or remove the tool.',
    },
  );
}

function withoutDetail(item: InputItem): InputItem {
  const key = 'output' in item ? 'output' : 'content';
  const parts = (item as Record<string, unknown>)[key];
  if (!Array.isArray(parts) || !parts.some((part) => part?.type === 'input_image' && 'detail' in part))
    return item;
  const stripped = parts.map((part) => {
    if (part?.type !== 'input_image') return part;
    const { detail: _, ...image } = part;
    return image;
  });
  return { ...item, [key]: stripped };
}

function partsOf(item: InputItem): { type?: unknown }[] {
  const parts = 'output' in item ? item.output : 'content' in item ? item.content : undefined;
  return Array.isArray(parts) ? parts.filter(isObject) : [];
}
