// Translates `thinking` and `output_config.effort` to `reasoning`
// (https://docs.claude.com/en/docs/build-with-claude/extended-thinking).
import { type Fields, isSet, numberOf } from '../../../responses/fields.ts';
import type { ResponsesRequest } from '../../../responses/request.ts';
import type { RequestContext } from '../../../responses/translator.ts';
import { type DroppedFields, optionalFields, quoted } from '../check.ts';
import { effortAt } from './effort.ts';
import type { ThinkingDisplay } from './types.ts';

export interface Thinking {
  reasoning: ResponsesRequest['reasoning'];
  /** The request does not name an effort. */
  effortIsImplied: boolean;
  display: ThinkingDisplay;
}

/** `systemEffort`: set by the last `system` message that sets one. */
export function thinkingOf(
  body: Fields,
  systemEffort: string | undefined,
  context: Pick<RequestContext, 'reasoningSummary'>,
  drops: DroppedFields,
): Thinking {
  const thinking = optionalFields(body.thinking, 'thinking') ?? {};
  if (isSet(thinking.block_binding)) {
    drops.add('thinking.block_binding', 'The upstream has no such option.');
  }
  const named = namedEffort(body, systemEffort);
  const effort = named ?? impliedEffort(thinking, body.max_tokens);
  const display = displayOf(thinking, drops);
  const summary = display === 'shown' ? requestedSummary(thinking, context) : undefined;
  const reasoning = {
    ...(effort === undefined ? {} : { effort }),
    ...(summary === undefined ? {} : { summary }),
  };
  return {
    reasoning: Object.keys(reasoning).length === 0 ? undefined : reasoning,
    effortIsImplied: named === undefined,
    display,
  };
}

/** `turns/plan.ts` checks whether the model supports the effort. */
function namedEffort(body: Fields, systemEffort: string | undefined): string | undefined {
  const config = optionalFields(body.output_config, 'output_config') ?? {};
  return (
    effortAt(body.reasoning_effort, 'reasoning_effort') ??
    systemEffort ??
    effortAt(config.effort, 'output_config.effort')
  );
}

/** Efforts by the maximum budget of thinking tokens, as in `router-for-me/CLIProxyAPI`. */
const budgets: [number, string][] = [
  [1024, 'low'],
  [8192, 'medium'],
  [24_576, 'high'],
];

/** Up to this limit the client expects a few words, as Claude Code's auto mode does before it runs a command. */
const shortAnswerTokens = 256;

/** `none` becomes the model's lowest effort. */
function impliedEffort({ type, budget_tokens }: Fields, maxTokens: unknown): string | undefined {
  if (type === 'disabled') return 'none';
  if (!isSet(type) && (numberOf(maxTokens) ?? Number.POSITIVE_INFINITY) <= shortAnswerTokens) return 'none';
  const tokens = numberOf(budget_tokens);
  if (type !== 'enabled' || tokens === undefined) return undefined;
  return budgets.find(([most]) => tokens <= most)?.[1] ?? 'xhigh';
}

/** Without thinking, the response has no thinking blocks even if the model reasons: scripts read `content[0].text`. */
function displayOf({ type, display }: Fields, drops: DroppedFields): ThinkingDisplay {
  switch (type ?? undefined) {
    case undefined:
    case 'disabled':
    case 'between_tools':
      return 'hidden';
    case 'enabled':
    case 'adaptive':
      break;
    default:
      drops.add('thinking.type', `Unknown type \`${quoted(type)}\`; treated as \`adaptive\`.`);
  }
  return display === 'omitted' ? 'omitted' : 'shown';
}

/** The upstream returns a summary only on request. A client that sets `display` expects one. */
function requestedSummary(
  { display }: Fields,
  { reasoningSummary }: Pick<RequestContext, 'reasoningSummary'>,
) {
  if (reasoningSummary !== 'none') return reasoningSummary;
  return isSet(display) ? 'auto' : undefined;
}
