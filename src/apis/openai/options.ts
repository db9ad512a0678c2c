// Request options that mean the same on both OpenAI routes (docs/wire/openai.md#chat-fields, #response-format, #reasoning-effort, #responses-fields).
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import type { TextOptions } from '../../responses/request.ts';
import { knownWord, verbosities } from '../../responses/words.ts';
import { fields, invalid, optionalBoolean, optionalString } from './check.ts';

/** Cursor's words for efforts; whether the model has the effort is judged where models are known. */
const effortSynonyms: ReadonlyMap<string, string> = new Map([
  ['extra', 'xhigh'],
  ['extra-high', 'xhigh'],
]);

export function effort(value: unknown, param: string): string | undefined {
  const asked = optionalString(value, param)?.trim().toLowerCase();
  if (asked === '') throw invalid(param, `\`${param}\` must not be empty.`, 'invalid_value');
  return asked === undefined ? undefined : (effortSynonyms.get(asked) ?? asked);
}

/** One of the words, in whatever case; a 400 for every other text. */
function wordOf(
  value: unknown,
  param: string,
  words: readonly string[],
  synonyms: Readonly<Record<string, string>> = {},
): string | undefined {
  const asked = optionalString(value, param);
  if (asked === undefined) return undefined;
  const word = knownWord(asked, [...words, ...Object.keys(synonyms)]);
  if (word !== undefined) return synonyms[word] ?? word;
  const list = words.map((each) => `\`${each}\``).join(', ');
  throw invalid(param, `\`${param}\` must be one of ${list}.`, 'invalid_value');
}

/** `on` and `off` are codex-openai-wrapper's words for `auto` and `none`. */
const summarySynonyms: Readonly<Record<string, string>> = { on: 'auto', off: 'none' };

/** How reasoning is summarised; `none` asks for no summary. */
export function reasoningSummary(value: unknown): string | undefined {
  return wordOf(value, 'reasoning.summary', ['auto', 'concise', 'detailed', 'none'], summarySynonyms);
}

/** What Qwen's and Anthropic's switches in an OpenAI body mean; `none` is clamped to the model's lowest effort. */
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
 * `response_format` of chat or `text.format` of Responses, flat. Nested as in chat, a schema that does not say is not
 * strict; flat it is what `flatStrict` says.
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

/** With a schema, as llama.cpp's and Groq's clients send it, it is one to aim at. */
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
  return {
    type: 'json_schema',
    name,
    schema,
    ...(description === undefined ? {} : { description }),
    ...(strict === undefined ? {} : { strict }),
  };
}
