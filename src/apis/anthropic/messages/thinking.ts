// `thinking` and `output_config.effort` as `reasoning`
// (https://docs.claude.com/en/docs/build-with-claude/extended-thinking).
import { type Fields, isSet, numberOf } from '../../../responses/fields.ts';
import type { ResponsesRequest } from '../../../responses/request.ts';
import type { RequestContext } from '../../../responses/translator.ts';
import { type Drops, optionalFields, quoted } from '../check.ts';
import { effortAt } from './effort.ts';
import type { ThinkingDisplay } from './types.ts';

export interface Thinking {
  reasoning: ResponsesRequest['reasoning'];
  /** No field of the request names the effort. */
  effortIsImplied: boolean;
  display: ThinkingDisplay;
}

/** `systemEffort`: what the last `system` message of the conversation asks for. */
export function thinkingOf(
  body: Fields,
  systemEffort: string | undefined,
  context: Pick<RequestContext, 'reasoningSummary'>,
  drops: Drops,
): Thinking {
  const thinking = optionalFields(body.thinking, 'thinking') ?? {};
  if (isSet(thinking.block_binding)) {
    drops.add('thinking.block_binding', 'Thinking blocks are bound by their signature alone.');
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

/** Whether the model has the effort is judged where models are known. */
function namedEffort(body: Fields, systemEffort: string | undefined): string | undefined {
  const config = optionalFields(body.output_config, 'output_config') ?? {};
  return (
    effortAt(body.reasoning_effort, 'reasoning_effort') ??
    systemEffort ??
    effortAt(config.effort, 'output_config.effort')
  );
}

/** Up to so many tokens of thinking; `router-for-me/CLIProxyAPI` takes the same steps. */
const budgets: [number, string][] = [
  [1024, 'low'],
  [8192, 'medium'],
  [24_576, 'high'],
];

/** The client waits for a few words: Claude Code's auto mode asks so before it runs a command. */
const fewWords = 256;

/** `none` is clamped to the model's lowest. */
function impliedEffort({ type, budget_tokens }: Fields, maxTokens: unknown): string | undefined {
  if (type === 'disabled') return 'none';
  if (!isSet(type) && (numberOf(maxTokens) ?? Number.POSITIVE_INFINITY) <= fewWords) return 'none';
  const tokens = numberOf(budget_tokens);
  if (type !== 'enabled' || tokens === undefined) return undefined;
  return budgets.find(([most]) => tokens <= most)?.[1] ?? 'xhigh';
}

/** Without thinking, the response has no thinking blocks even if the model reasons: scripts read `content[0].text`. */
function displayOf({ type, display }: Fields, drops: Drops): ThinkingDisplay {
  switch (type ?? undefined) {
    case undefined:
    case 'disabled':
    case 'between_tools':
      return 'hidden';
    case 'enabled':
    case 'adaptive':
      break;
    default:
      drops.add('thinking.type', `codexd does not know \`${quoted(type)}\`, and takes it for \`adaptive\`.`);
  }
  return display === 'omitted' ? 'omitted' : 'shown';
}

/** The upstream gives a summary only when asked for one. A client that names a display wants to see something. */
function requestedSummary(
  { display }: Fields,
  { reasoningSummary }: Pick<RequestContext, 'reasoningSummary'>,
) {
  if (reasoningSummary !== 'none') return reasoningSummary;
  return isSet(display) ? 'auto' : undefined;
}
