// Request options that the chat and Responses APIs share (docs/wire/openai.md#chat-fields, #response-format, #reasoning-effort, #responses-fields).
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import type { TextOptions } from '../../responses/request.ts';
import { knownWord, verbosities } from '../../responses/words.ts';
import { fields, invalid, optionalBoolean, optionalString } from './check.ts';
import { checkStrictSchema } from './strict-schema.ts';

/** Cursor's names for efforts. `turns/plan.ts` checks whether the model supports the effort. */
const effortSynonyms: ReadonlyMap<string, string> = new Map([
  ['extra', 'xhigh'],
  ['extra-high', 'xhigh'],
]);

export function effort(value: unknown, param: string): string | undefined {
  const name = optionalString(value, param)?.trim().toLowerCase();
  if (name === '') throw invalid(param, `\`${param}\` must not be empty.`, 'invalid_value');
  return name === undefined ? undefined : (effortSynonyms.get(name) ?? name);
}

/** One of the words, in any case. Throws a 400 for any other text. */
function wordOf(
  value: unknown,
  param: string,
  words: readonly string[],
  synonyms: Readonly<Record<string, string>> = {},
): string | undefined {
  const text = optionalString(value, param);
  if (text === undefined) return undefined;
  const word = knownWord(text, [...words, ...Object.keys(synonyms)]);
  if (word !== undefined) return synonyms[word] ?? word;
  const list = words.map((each) => `\`${each}\``).join(', ');
  throw invalid(param, `\`${param}\` must be one of ${list}.`, 'invalid_value');
}

/** `on` and `off` are codex-openai-wrapper's names for `auto` and `none`. */
const summarySynonyms: Readonly<Record<string, string>> = { on: 'auto', off: 'none' };

/** How reasoning is summarised; `none` for no summary. */
export function reasoningSummary(value: unknown): string | undefined {
  return wordOf(value, 'reasoning.summary', ['auto', 'concise', 'detailed', 'none'], summarySynonyms);
}

/** The effort for Qwen's and Anthropic's switches in an OpenAI body. `none` becomes the model's lowest effort. */
export function effortOfThinking(body: Fields): string | undefined {
  const { enable_thinking: enabled, thinking } = body;
  if (enabled === true || (isObject(thinking) && thinking.type === 'enabled')) return 'medium';
  if (enabled === false || (isObject(thinking) && thinking.type === 'disabled')) return 'none';
  return undefined;
}

export function verbosity(value: unknown, param: string): string | undefined {
  return wordOf(value, param, verbosities);
}

/** The tier asked for; `auto` and `default` ask for none. */
export function serviceTier(value: unknown): string | undefined {
  const tier = optionalString(value, 'service_tier')?.toLowerCase();
  return tier === 'auto' || tier === 'default' ? undefined : tier;
}

const schemaName = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Translates `response_format` of chat or `text.format` of Responses to the flat form. If `strict` is absent, it is false in a
 * schema nested as in chat, and `flatStrict` in a flat one.
 */
export function textFormat(
  value: unknown,
  param: string,
  flatStrict: false | undefined,
): TextOptions['format'] | undefined {
  if (!isSet(value)) return undefined;
  const format = fields(value, param);
  switch (format.type) {
    case 'text':
      return { type: format.type };
    case 'json_object':
      return jsonObject(format, param);
    case 'json_schema':
      return isObject(format.json_schema)
        ? jsonSchema(format.json_schema, `${param}.json_schema`, false)
        : jsonSchema(format, param, flatStrict);
    default:
      throw invalid(
        `${param}.type`,
        `\`${param}.type\` must be \`text\`, \`json_object\` or \`json_schema\`.`,
        'invalid_value',
      );
  }
}

/** Clients of llama.cpp and Groq send a schema with it, which is used without strict mode. */
function jsonObject(format: Fields, param: string): TextOptions['format'] {
  const holder = isObject(format.json_schema) ? format.json_schema : format;
  if (!isSet(holder.schema)) return { type: 'json_object' };
  const where = holder === format ? param : `${param}.json_schema`;
  return jsonSchema(
    { ...holder, name: holder.name ?? 'response', strict: holder.strict ?? false },
    where,
    false,
  );
}

function jsonSchema(given: Fields, param: string, defaultStrict: false | undefined): TextOptions['format'] {
  const name = optionalString(given.name, `${param}.name`);
  if (name === undefined || !schemaName.test(name)) {
    throw invalid(
      `${param}.name`,
      `\`${param}.name\` must be 1 to 64 letters, digits, dashes or underscores.`,
      name === undefined ? 'missing_required_parameter' : 'invalid_value',
    );
  }
  const schema = given.schema ?? {};
  if (!isObject(schema)) {
    throw invalid(`${param}.schema`, `\`${param}.schema\` must be a JSON schema.`, 'invalid_json_schema');
  }
  const description = optionalString(given.description, `${param}.description`);
  const strict = optionalBoolean(given.strict, `${param}.strict`) ?? defaultStrict;
  if (strict === true) checkStrictSchema(schema, `${param}.schema`, 'invalid_json_schema');
  return {
    type: 'json_schema',
    name,
    schema,
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}
