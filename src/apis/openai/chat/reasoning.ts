// Reads the reasoning effort and how reasoning is shown (docs/wire/openai.md#chat-fields, #reasoning-effort, #reasoning-text).
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
  const given = fields(body.reasoning ?? {}, 'reasoning'); // OpenRouter's field
  const hidden = optionalBoolean(given.exclude, 'reasoning.exclude') === true;
  const style = hidden ? 'none' : styleFor(format, context.reasoningStyle);
  const requested = requestedEffort(body, given);
  const summary = style === 'none' ? undefined : requestedSummary(given, context);
  const reasoning: Reasoning = {
    ...(requested === undefined ? {} : { effort: requested }),
    ...(summary === undefined ? {} : { summary }),
  };
  return {
    reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning,
    style,
    dropped: isSet(given.max_tokens)
      ? [{ field: 'reasoning.max_tokens', why: 'The upstream accepts an effort, not a budget.' }]
      : [],
  };
}

/** The values of the configuration, and those of Groq, which introduced the field. */
const formats: Readonly<Record<string, ReasoningStyle>> = {
  reasoning_content: 'reasoning_content',
  'think-tags': 'think-tags',
  o3: 'o3',
  none: 'none',
  parsed: 'reasoning_content',
  raw: 'think-tags',
  hidden: 'none',
};

/** The request's `reasoning_format` overrides the configuration. */
export function contextFor(format: unknown, context: RequestContext): RequestContext {
  const requested = optionalString(format, 'reasoning_format') ?? 'auto';
  if (requested === 'auto') return context;
  const reasoningStyle = Object.hasOwn(formats, requested) ? formats[requested] : undefined;
  if (reasoningStyle === undefined) {
    const words = Object.keys(formats).join('`, `');
    throw invalid('reasoning_format', `\`reasoning_format\` must be one of \`${words}\`.`, 'invalid_value');
  }
  // If the configuration hides reasoning, it does not request summaries either.
  const isRevealed = context.reasoningStyle === 'none' && reasoningStyle !== 'none';
  return { ...context, reasoningStyle, ...(isRevealed ? { reasoningSummary: 'auto' } : {}) };
}

/** Think tags would break content that must be JSON. */
export function styleFor(format: TextOptions['format'], style: ReasoningStyle): ReasoningStyle {
  const structured = format !== undefined && format.type !== 'text';
  return structured && style === 'think-tags' ? 'reasoning_content' : style;
}

/** The most explicit field wins over other vendors' switches. */
function requestedEffort(body: Fields, reasoning: Fields): string | undefined {
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

function requestedSummary(reasoning: Fields, context: RequestContext): string | undefined {
  const summary = reasoningSummary(reasoning.summary) ?? context.reasoningSummary;
  return summary === 'none' ? undefined : summary;
}
