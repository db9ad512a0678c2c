// Plans a turn: resolves the model, clamps the effort, completes the history, assigns the session and shapes the upstream
// request. `codexd explain` shows the result.

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
  /** Stores the reasoning of this model's earlier answers. */
  reasoningOf?: (model: string) => ReasoningStore;
  /** For requests that set none, neither in a field nor in the model's name. */
  effort: string | undefined;
  verbosity: string | undefined;
}

/** A request as it will be sent upstream. */
export interface PlannedTurn {
  turn: Omit<TurnRequest, 'accumulateText'>;
  /** In tokens, for the error if a conversation exceeds it. */
  contextWindow: number;
  /** Other models that this caller may use. */
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
  // Codex always sets an effort, from the catalogue if its user chose none.
  const defaultEffort = codex ? undefined : model.defaultEffort;
  const given = translation.request.input;
  const store = translation.keepsHistory ? undefined : options.reasoningOf?.(model.slug);
  const history = translation.keepsHistory
    ? { input: given, dropped: [], restored: [] }
    : completeHistory(given, translation.clearsReasoning ? undefined : store);
  const request: ResponsesRequest = {
    ...translation.request,
    input: history.input,
    ...reasoningOf(translation, suffixEffort ?? options.effort ?? defaultEffort, model, dropped),
    ...tierOf(translation.request, serviceTier),
    ...textOf(translation.request, model.supportsVerbosity ? options.verbosity : undefined),
    prompt_cache_key: translation.request.prompt_cache_key || session,
  };
  const shaped = shapeRequest(request, model, options.shape === 'lite' ? 'lite' : 'classic', codex);
  const mayFallBack = options.shape === 'auto' && model.usesResponsesLite;
  return {
    turn: {
      body: shaped.body,
      lite: shaped.lite,
      session,
      forwardedHeaders: { ...headersToForward(headers), ...translation.upstreamHeaders },
      ...(codex ? { isFromCodex: true } : {}),
      ...(namesSession(headers) ? { sessionIsNamed: true } : {}),
      ...(clientVersion === undefined ? {} : { clientVersion }),
      ...(store === undefined
        ? {}
        : {
            follow: collectOutput((output) => rememberReasoning(given, output, store)),
            reasoningRefused: () => history.restored.forEach(store.forget),
          }),
      ...(mayFallBack ? { liteBody: () => liteFallback(request, model, codex) } : {}),
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

/** The same request in the other shape; undefined if that shape does not support it. */
function liteFallback(request: ResponsesRequest, model: Parameters<typeof shapeRequest>[1], codex: boolean) {
  try {
    return shapeRequest(request, model, 'lite', codex).body;
  } catch {
    return undefined; // it uses a hosted tool
  }
}

function reasoningOf(
  { request, effortParam, effortIsImplied }: Pick<Translation, 'request' | 'effortParam' | 'effortIsImplied'>,
  otherwise: string | undefined,
  model: Parameters<typeof clampEffort>[1] & { supportsReasoningSummary: boolean },
  dropped: Dropped[],
): Partial<ResponsesRequest> {
  const { effort: own, summary, ...rest } = request.reasoning ?? {};
  const requested = own ?? otherwise;
  const reasoning: NonNullable<ResponsesRequest['reasoning']> = { ...rest };
  if (requested !== undefined) {
    const { effort, clamped } = clampEffort(requested, model, effortParam);
    reasoning.effort = effort;
    // A request without reasoning gets the model's lowest effort, also in strict mode.
    const least = requested === 'none' ? { hint: true as const } : {};
    if (clamped !== undefined && !effortIsImplied)
      dropped.push({ field: `reasoning effort ${requested}`, why: clamped, ...least });
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
  return new Failure(
    'not_found',
    `The model \`${slug}\` does not exist, or this key is not allowed to use it.`,
    {
      code: 'model_not_found',
      param: 'model',
    },
  );
}
