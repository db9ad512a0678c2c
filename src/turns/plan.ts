// Plans a turn: the model that the request names, an effort the model has, the shape the upstream takes, the conversation it
// belongs to. `codexd explain` shows exactly this.

import { Failure } from '../failure.ts';
import { type ModelNaming, type Naming, resolve, visibleModels } from '../models/aliases.ts';
import { clampEffort } from '../models/effort.ts';
import { matchesGlob } from '../models/glob.ts';
import { isCodexClient } from '../responses/codex-client.ts';
import type { Dropped, ResponsesRequest } from '../responses/request.ts';
import type { Translation } from '../responses/translator.ts';
import type { TurnRequest } from '../upstream/client.ts';
import { codexVersion, headersToForward } from '../upstream/headers.ts';
import { type RequestShape, shapeRequest } from '../upstream/request.ts';
import { namesSession, sessionOf } from '../upstream/session.ts';
import { completeHistory } from './history.ts';
import { rememberReasoning } from './reasoning.ts';
import type { ReasoningStore } from './reasoning-memory.ts';
import { collectOutput } from './step.ts';

export interface PlanOptions {
  naming: Naming;
  shape: RequestShape | 'auto';
  /** Where the reasoning of earlier answers of this model is kept. */
  reasoningOf?: (model: string) => ReasoningStore;
  /** Where neither the request nor the model's name says. */
  effort: string | undefined;
  verbosity: string | undefined;
}

/** What a request becomes upstream. */
export interface PlannedTurn {
  turn: Omit<TurnRequest, 'accumulateText'>;
  /** Tokens that the model accepts, for the error when a conversation exceeds them. */
  contextWindow: number;
  /** The models that this caller may use instead. */
  otherModels: () => string[];
  dropped: Dropped[];
}

export function planTurn(
  translation: Translation,
  headers: Headers,
  style: ModelNaming,
  options: PlanOptions,
  allowed?: readonly string[],
): PlannedTurn {
  const naming = translation.modelIsFixed ? { ...options.naming, override: undefined } : options.naming;
  const { model, effort: suffixEffort, serviceTier } = resolve(translation.model, naming, style);
  const isPermitted = (slug: string) =>
    allowed === undefined || allowed.some((glob) => matchesGlob(glob, slug));
  if (!isPermitted(model.slug)) throw notForThisKey(model.slug);
  const dropped: Dropped[] = [];
  const session = sessionOf(headers, translation.request);
  const clientVersion = codexVersion(headers);
  const codex = isCodexClient(headers);
  // Codex always names an effort: the catalogue's if its user chose none.
  const usualEffort = codex ? undefined : model.defaultEffort;
  const given = translation.request.input;
  const store = translation.keepsHistory ? undefined : options.reasoningOf?.(model.slug);
  const history = translation.keepsHistory
    ? { input: given, dropped: [], restored: [] }
    : completeHistory(given, translation.clearsReasoning ? undefined : store);
  const request: ResponsesRequest = {
    ...translation.request,
    input: history.input,
    ...reasoningOf(translation, suffixEffort ?? options.effort ?? usualEffort, model, dropped),
    ...tierOf(translation.request, serviceTier),
    ...textOf(translation.request, model.supportsVerbosity ? options.verbosity : undefined),
    prompt_cache_key: translation.request.prompt_cache_key || session,
  };
  const shaped = shapeRequest(request, model, options.shape === 'lite' ? 'lite' : 'classic', codex);
  const fallback =
    options.shape === 'auto' && model.usesResponsesLite ? liteFallback(request, model, codex) : undefined;
  return {
    turn: {
      body: shaped.body,
      lite: shaped.lite,
      session,
      forwardedHeaders: { ...headersToForward(headers), ...translation.upstreamHeaders },
      ...(codex ? { keepsTurnState: true } : {}),
      ...(namesSession(headers) ? { sessionIsNamed: true } : {}),
      ...(clientVersion === undefined ? {} : { clientVersion }),
      ...(store === undefined
        ? {}
        : {
            follow: collectOutput((output) => rememberReasoning(given, output, store)),
            reasoningRefused: () => history.restored.forEach(store.forget),
          }),
      ...(fallback === undefined ? {} : { liteBody: fallback }),
      ...(shaped.gatheredBody === undefined ? {} : { gatheredBody: shaped.gatheredBody }),
    },
    contextWindow: model.contextWindow,
    otherModels: () =>
      visibleModels(options.naming)
        .map(({ slug }) => slug)
        .filter((slug) => slug !== model.slug && isPermitted(slug)),
    dropped: [...history.dropped, ...dropped, ...shaped.dropped],
  };
}

/** The same request in the other shape, where the model knows it and the request fits. */
function liteFallback(request: ResponsesRequest, model: Parameters<typeof shapeRequest>[1], codex: boolean) {
  try {
    return shapeRequest(request, model, 'lite', codex).body;
  } catch {
    return undefined; // it uses a hosted tool, which that shape does not support
  }
}

function reasoningOf(
  { request, effortParam, effortIsImplied }: Pick<Translation, 'request' | 'effortParam' | 'effortIsImplied'>,
  otherwise: string | undefined,
  model: Parameters<typeof clampEffort>[1] & { supportsReasoningSummary: boolean },
  dropped: Dropped[],
): Partial<ResponsesRequest> {
  const { effort: own, summary, ...rest } = request.reasoning ?? {};
  const asked = own ?? otherwise;
  const reasoning: NonNullable<ResponsesRequest['reasoning']> = { ...rest };
  if (asked !== undefined) {
    const { effort, clamped } = clampEffort(asked, model, effortParam);
    reasoning.effort = effort;
    // A request for no reasoning gets the least the model has, also in strict mode.
    const least = asked === 'none' ? { hint: true as const } : {};
    if (clamped !== undefined && !effortIsImplied)
      dropped.push({ field: `reasoning effort ${asked}`, why: clamped, ...least });
  }
  if (summary !== undefined && model.supportsReasoningSummary) reasoning.summary = summary;
  return Object.keys(reasoning).length === 0 ? { reasoning: undefined } : { reasoning };
}

function tierOf(request: ResponsesRequest, named: string | undefined): Partial<ResponsesRequest> {
  return named === undefined || request.service_tier !== undefined ? {} : { service_tier: named };
}

function textOf(request: ResponsesRequest, verbosity: string | undefined): Partial<ResponsesRequest> {
  if (verbosity === undefined || request.text?.verbosity !== undefined) return {};
  return { text: { ...request.text, verbosity } };
}

function notForThisKey(slug: string): Failure {
  return new Failure('not_found', `The model \`${slug}\` does not exist or this key may not use it.`, {
    code: 'model_not_found',
    param: 'model',
  });
}
