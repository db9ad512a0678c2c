// The request's fields that the response object repeats: the client's own values, not those that codexd or the upstream derived
// from them (docs/wire/openai.md#responses-fields).
import { type Fields, isObject } from '../../../responses/fields.ts';
import type { TextOptions, ToolChoice } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fields, optionalBoolean, optionalString } from '../check.ts';

interface TranslatedParts {
  tools: unknown[];
  choice: ToolChoice | undefined;
  text: TextOptions;
  names: ToolNames;
}

export function echoOf(
  body: Fields,
  { tools, choice, text, names }: TranslatedParts,
): Record<string, unknown> {
  return {
    background: false,
    conversation: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: body.max_tool_calls ?? null,
    metadata: fields(body.metadata ?? {}, 'metadata'),
    model: body.model,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt: null,
    prompt_cache_key: optionalString(body.prompt_cache_key, 'prompt_cache_key') ?? null,
    prompt_cache_retention: body.prompt_cache_retention ?? null,
    safety_identifier: body.safety_identifier ?? null,
    store: optionalBoolean(body.store, 'store') ?? true,
    // The effective values, since the upstream does not support these options.
    temperature: 1,
    top_p: 1,
    top_logprobs: 0,
    truncation: 'disabled',
    text: { ...text, format: echoedFormat(text.format) },
    tool_choice: echoedChoice(choice ?? body.tool_choice ?? 'auto', names),
    tools,
    user: body.user ?? null,
  };
}

function echoedFormat(format: TextOptions['format']): Fields {
  if (format?.type !== 'json_schema') return { type: format?.type ?? 'text' };
  const { name, description, schema, strict } = format;
  return { type: 'json_schema', name, description: description ?? null, schema, strict: strict ?? false };
}

/** With the client's own names. */
function echoedChoice(choice: unknown, names: ToolNames): unknown {
  if (!isObject(choice)) return choice;
  if (Array.isArray(choice.tools)) {
    return { ...choice, tools: choice.tools.map((each: unknown) => echoedChoice(each, names)) };
  }
  return typeof choice.name === 'string' ? { ...choice, name: names.client(choice.name) } : choice;
}
