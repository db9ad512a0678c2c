// Checks what POST {base}/codex/responses accepts: first the front end's rules, then the model API's.

import { type Fields, isObject } from '../../base/object.ts';
import { type CatalogModel, findModel, isAtLeast, isRetired, wireEfforts } from '../catalog.ts';
import type { Account } from '../identity.ts';
import { detail, invalid, listed, missing, modelNotFound, Refusal, tooLong, wrongType } from '../refusal.ts';
import type { Seal } from '../seal.ts';
import type { StrictRules } from '../strict.ts';
import { arrayAt, checkKeys, checkType, checkWord, fieldsAt } from './checks.ts';
import { checkInput } from './input.ts';
import { checkStrictSchema } from './schema.ts';
import { areLiteTools, checkTools, declaredTools } from './tools.ts';

export interface TurnContext {
  transport: 'http' | 'websocket';
  headers: Record<string, string>;
  account: Account;
  seal: Seal;
  strict: StrictRules;
  /** On a WebSocket, the conversation up to the response that this one continues. */
  earlier: readonly Fields[];
}

const accepted = [
  'model',
  'input',
  'instructions',
  'stream',
  'store',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'reasoning',
  'include',
  'text',
  'service_tier',
  'prompt_cache_key',
  'client_metadata',
  'stream_options',
  'access_programs',
];
const acceptedOnWebSocket = [...accepted, 'type', 'generate', 'previous_response_id'];

/** Throws the upstream's refusal of this body; returns its model. */
export function checkTurn(body: Fields, context: TurnContext): CatalogModel {
  checkUnicode(body);
  checkFront(body, context);
  const model = checkModel(body.model, context);
  checkInstructions(body, model, context);
  checkReasoning(body.reasoning, model);
  checkOptions(body);
  checkTools(body, context.account.plan);
  if (isLite(body, context.headers)) checkLite(body, model);
  checkInput(body.input as unknown[], {
    namespaces: declaredTools(body).map((tool) => tool.namespace),
    earlier: context.earlier,
    unseal: (content) =>
      context.seal.check({ accountId: context.account.accountId, model: model.slug }, content),
  });
  if (formatType(body) === 'json_object') checkJsonWord(body.input as unknown[]);
  return model;
}

/** `JSON.stringify` escapes only control characters and lone surrogates. */
function checkUnicode(body: Fields): void {
  const escapes = JSON.stringify(body).match(/\\(?:u[0-9a-f]{4}|.)/g) ?? [];
  if (!escapes.some((escaped) => /^\\ud[89a-f]/.test(escaped))) return;
  throw invalid(
    'Invalid body: failed to parse JSON value. Please check the value to ensure it is valid JSON.',
    null,
  );
}

/** The header, or its replacement on a WebSocket (docs/wire/upstream.md#websocket-lite). */
function isLite(body: Fields, headers: Record<string, string>): boolean {
  const metadata = isObject(body.client_metadata) ? body.client_metadata : {};
  return (
    headers['x-openai-internal-codex-responses-lite'] === 'true' ||
    metadata.ws_request_header_x_openai_internal_codex_responses_lite === 'true'
  );
}

function checkFront(body: Fields, { transport }: TurnContext): void {
  const allowed = transport === 'http' ? accepted : acceptedOnWebSocket;
  for (const key of Object.keys(body)) {
    if (!allowed.includes(key)) throw detail(`Unsupported parameter: ${key}`);
  }
  if (!Array.isArray(body.input)) throw detail('Input must be a list');
  if (body.store !== false) throw detail('Store must be set to false');
  if (body.stream !== true && transport === 'http') throw detail('Stream must be set to true');
  for (const item of body.input) {
    if (isObject(item) && item.role === 'system') throw detail('System messages are not allowed');
  }
}

function checkModel(slug: unknown, { headers, strict }: TurnContext): CatalogModel {
  if (slug === undefined) throw missing('model');
  if (typeof slug !== 'string') throw wrongType('model', 'a string', slug);
  if (isRetired(slug)) {
    throw detail(`The '${slug}' model is not supported when using Codex with a ChatGPT account.`);
  }
  const model = findModel(slug);
  if (!model) throw modelNotFound(slug);
  if (strict.originator && !headers.originator) {
    const refusal = invalid(`Model not found ${slug}`, 'model');
    throw new Refusal(404, refusal.body);
  }
  if (strict.version && headers.version && !isAtLeast(headers.version, model.minimal_client_version)) {
    throw detail(
      `The '${slug}' model requires a newer version of Codex. Please upgrade to the latest app or CLI and try again.`,
    );
  }
  return model;
}

function checkInstructions(body: Fields, model: CatalogModel, { strict }: TurnContext): void {
  if (strict.instructions && !model.use_responses_lite && !body.instructions) {
    throw detail('Instructions are required');
  }
  checkType(body.instructions, 'string', 'instructions');
}

function checkReasoning(value: unknown, model: CatalogModel): void {
  if (value === undefined || value === null) return;
  const reasoning = fieldsAt(value, 'reasoning');
  checkKeys(reasoning, ['effort', 'summary', 'context'], 'reasoning');
  checkWord(reasoning.summary, ['auto', 'concise', 'detailed'], 'reasoning.summary');
  const efforts = wireEfforts(model);
  const { effort } = reasoning;
  if (effort !== undefined && effort !== null && !efforts.includes(effort as string)) {
    throw invalid(
      `Unsupported value: '${effort}' is not supported with the '${model.slug}' model. Supported values are: ${listed(efforts)}.`,
      'reasoning.effort',
      'unsupported_value',
    );
  }
}

function checkOptions(body: Fields): void {
  const { prompt_cache_key: key, include, service_tier: tier, stream_options: streamOptions } = body;
  checkType(body.parallel_tool_calls, 'boolean', 'parallel_tool_calls');
  checkType(key, 'string', 'prompt_cache_key');
  if (typeof key === 'string' && key.length > 64) throw tooLong('prompt_cache_key', key.length, 64);
  if (include !== undefined) {
    for (const [i, word] of arrayAt(include, 'include').entries()) checkType(word, 'string', `include[${i}]`);
  }
  if (!['priority', 'flex', null, undefined].includes(tier as string)) {
    throw detail(`Unsupported service_tier: ${tier}`);
  }
  if (streamOptions !== undefined) {
    const options = fieldsAt(streamOptions, 'stream_options');
    checkKeys(options, ['reasoning_summary_delivery'], 'stream_options');
  }
  checkMetadata(body.client_metadata);
  checkText(body.text);
}

function checkMetadata(value: unknown): void {
  if (value === undefined || value === null) return;
  for (const [key, entry] of Object.entries(fieldsAt(value, 'client_metadata'))) {
    checkType(entry, 'string', `client_metadata.${key}`);
  }
}

function checkText(value: unknown): void {
  if (value === undefined || value === null) return;
  const text = fieldsAt(value, 'text');
  checkKeys(text, ['verbosity', 'format'], 'text');
  checkWord(text.verbosity, ['low', 'medium', 'high'], 'text.verbosity');
  if (text.format === undefined || text.format === null) return;
  const format = fieldsAt(text.format, 'text.format');
  checkWord(format.type ?? '', ['text', 'json_schema', 'json_object'], 'text.format.type');
  if (format.type !== 'json_schema') return;
  checkKeys(format, ['type', 'name', 'strict', 'schema', 'description'], 'text.format');
  if (format.name === undefined) throw missing('text.format.name');
  if (format.schema === undefined) throw missing('text.format.schema');
  if (format.strict === true) {
    const of = { kind: 'response_format', name: String(format.name) };
    checkStrictSchema(format.schema, { ...of, param: 'text.format.schema', code: 'invalid_json_schema' });
  }
}

function formatType(body: Fields): unknown {
  return isObject(body.text) && isObject(body.text.format) ? body.text.format.type : undefined;
}

/** The word must be in the input; instructions do not count. */
function checkJsonWord(input: unknown[]): void {
  const messages = input.filter((item) => isObject(item) && item.role !== undefined);
  if (/json/i.test(JSON.stringify(messages))) return;
  throw invalid(
    "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'.",
    'input',
  );
}

function checkLite(body: Fields, model: CatalogModel): void {
  const name = 'X-OpenAI-Internal-Codex-Responses-Lite';
  const refuse = (what: string, param: string) => invalid(`${name} ${what}`, param, 'unsupported_value');
  if (!model.use_responses_lite) {
    throw invalid(`This model is not supported when using ${name}.`, 'model', 'unsupported_value');
  }
  const reasoning = isObject(body.reasoning) ? body.reasoning : {};
  if (reasoning.context !== 'all_turns') {
    throw refuse('requires `reasoning.context` to be `all_turns`.', 'reasoning.context');
  }
  if (body.parallel_tool_calls !== false) {
    throw refuse('requires `parallel_tool_calls` to be false.', 'parallel_tool_calls');
  }
  if (!areLiteTools(body)) {
    throw refuse('only supports function tools, custom tools, and client-executed tool search.', 'tools');
  }
}
