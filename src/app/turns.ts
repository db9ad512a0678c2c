// Plans and runs turns with the configuration, for the daemon, `codexd ask` and `codexd explain`.
import type { Naming } from '../models/aliases.ts';
import type { RequestContext } from '../responses/translator.ts';
import { type PlanOptions, planTurn } from '../turns/plan.ts';
import type { Queue } from '../turns/queue.ts';
import type { ReasoningMemory } from '../turns/reasoning-memory.ts';
import { TurnRunner, type TurnRunnerOptions } from '../turns/run.ts';
import type { Services } from './services.ts';
import type { Setup } from './setup.ts';

export interface TurnResources extends Pick<TurnRunnerOptions, 'budgets' | 'quotaGuard'> {
  queue: Queue;
  /** Stores the reasoning of earlier turns; without it, no reasoning is restored. */
  reasoning?: ReasoningMemory;
  strict: boolean;
}

export function createTurnRunner(
  setup: Setup,
  services: Services,
  { reasoning, ...resources }: TurnResources,
): TurnRunner {
  return new TurnRunner({
    openTurn: (request, signal) => services.upstream.openTurn(request, signal),
    plan: async (translation, style, { headers, caller }) => {
      const naming = await services.turnNaming(translation.model, headers);
      const owner = { account: services.accountId() ?? '', caller: caller.name };
      const reasoningOf =
        reasoning === undefined ? undefined : (model: string) => reasoning.storeFor({ ...owner, model });
      return planTurn(translation, headers, style, planOptions(setup, naming, reasoningOf), caller.models);
    },
    ...resources,
  });
}

export function planOptions(
  { config }: Pick<Setup, 'config'>,
  naming: Naming,
  reasoningOf?: PlanOptions['reasoningOf'],
): PlanOptions {
  return {
    naming,
    ...(reasoningOf === undefined ? {} : { reasoningOf }),
    shape: config.upstream.shape,
    effort: config.reasoning.effort,
    verbosity: config.models.verbosity,
  };
}

/** The settings that translators use. */
export function translationContext({ config }: Pick<Setup, 'config'>): Omit<RequestContext, 'headers'> {
  return {
    reasoningStyle: config.reasoning.style,
    reasoningSummary: requestedSummary(config),
    keepalive: config.server.keepalive === 'chunk' ? 'chunk' : 'comment',
  };
}

/** The reasoning summary to request, since the upstream returns one only on request. */
function requestedSummary({ reasoning }: Setup['config']): string {
  if (reasoning.summary === 'off' || (reasoning.summary === 'auto' && reasoning.style === 'none'))
    return 'none';
  return reasoning.summary === 'on' ? 'auto' : reasoning.summary;
}
