// How hard the model shall think and how its reasoning is shown (docs/wire/openai.md#chat-fields, #reasoning-effort, #reasoning-text).
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { Dropped, ResponsesRequest, TextOptions } from '../../../responses/request.ts';
import type { ReasoningStyle, RequestContext } from '../../../responses/translator.ts';
import { fields, invalid, optionalBoolean, optionalString } from '../check.ts';
import { effort, effortOfThinking, reasoningSummary } from '../options.ts';

type Reasoning = NonNullable<ResponsesRequest['reasoning']>;

export interface ReasoningOptions {
  reasoning: Reasoning | undefined;
  style: ReasoningStyle;
  dropped: Dropped[];
}

export function reasoningOptions(
  body: Fields,
  format: TextOptions['format'],
  context: RequestContext,
): ReasoningOptions {
  const given = fields(body.reasoning ?? {}, 'reasoning'); // OpenRouter's way
  const hidden = optionalBoolean(given.exclude, 'reasoning.exclude') === true;
  const style = hidden ? 'none' : styleFor(format, context.reasoningStyle);
  const asked = askedEffort(body, given);
  const summary = style === 'none' ? undefined : askedSummary(given, context);
  const reasoning: Reasoning = {
    ...(asked === undefined ? {} : { effort: asked }),
    ...(summary === undefined ? {} : { summary }),
  };
  return {
    reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning,
    style,
    dropped: isSet(given.max_tokens)
      ? [{ field: 'reasoning.max_tokens', why: 'The upstream takes an effort, not a budget.' }]
      : [],
  };
}

/** The words of the configuration, and Groq's, whose field it is. */
const formats: Readonly<Record<string, ReasoningStyle>> = {
  reasoning_content: 'reasoning_content',
  'think-tags': 'think-tags',
  o3: 'o3',
  none: 'none',
  parsed: 'reasoning_content',
  raw: 'think-tags',
  hidden: 'none',
};

/** What the request says of how reasoning shall be shown goes before the configuration. */
export function contextFor(format: unknown, context: RequestContext): RequestContext {
  const asked = optionalString(format, 'reasoning_format') ?? 'auto';
  if (asked === 'auto') return context;
  const reasoningStyle = Object.hasOwn(formats, asked) ? formats[asked] : undefined;
  if (reasoningStyle === undefined) {
    const words = Object.keys(formats).join('`, `');
    throw invalid('reasoning_format', `\`reasoning_format\` must be one of \`${words}\`.`, 'invalid_value');
  }
  // Where nobody else is shown summaries, none are asked for.
  const revealed = context.reasoningStyle === 'none' && reasoningStyle !== 'none';
  return { ...context, reasoningStyle, ...(revealed ? { reasoningSummary: 'auto' } : {}) };
}

/** Think tags would spoil content that must be JSON. */
export function styleFor(format: TextOptions['format'], style: ReasoningStyle): ReasoningStyle {
  const structured = format !== undefined && format.type !== 'text';
  return structured && style === 'think-tags' ? 'reasoning_content' : style;
}

/** The field that says it most plainly wins over the switches of other vendors. */
function askedEffort(body: Fields, reasoning: Fields): string | undefined {
  const template = isObject(body.chat_template_kwargs) ? body.chat_template_kwargs : {};
  const enabled = optionalBoolean(reasoning.enabled, 'reasoning.enabled');
  return (
    effort(body.reasoning_effort, 'reasoning_effort') ??
    effort(reasoning.effort, 'reasoning.effort') ??
    effortOfThinking({ enable_thinking: enabled }) ??
    effortOfThinking(body) ??
    effortOfThinking(template)
  );
}

function askedSummary(reasoning: Fields, context: RequestContext): string | undefined {
  const summary = reasoningSummary(reasoning.summary) ?? context.reasoningSummary;
  return summary === 'none' ? undefined : summary;
}
