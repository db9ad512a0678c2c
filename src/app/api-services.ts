// The routes of the daemon, made from its services.

import { anthropicFailure } from '../apis/anthropic/errors.ts';
import { limitHeaders } from '../apis/anthropic/plan-limits.ts';
import { anthropicRoutes } from '../apis/anthropic/routes.ts';
import { codexRoutes } from '../apis/codexd/codex.ts';
import { debugRoutes } from '../apis/codexd/debug.ts';
import { healthRoutes } from '../apis/codexd/health.ts';
import { speechAdminRoutes } from '../apis/codexd/speech-admin.ts';
import { ollamaFailure } from '../apis/ollama/errors.ts';
import { isOllamaPath, ollamaRoutes } from '../apis/ollama/routes/endpoints.ts';
import { audioRoutes } from '../apis/openai/routes/audio.ts';
import { compactionRoutes } from '../apis/openai/routes/compaction.ts';
import { imageRoutes } from '../apis/openai/routes/images.ts';
import { isAnthropic, modelRoutes } from '../apis/openai/routes/models.ts';
import { openaiRefusal, openaiRoutes, unsupportedRoutes } from '../apis/openai/routes/unsupported.ts';
import type { Config } from '../config/schema.ts';
import type { Failure } from '../failure.ts';
import { defaultModel, namingOf } from '../models/aliases.ts';
import type { Model } from '../models/model.ts';
import type { FailureResponse } from '../responses/translator.ts';
import type { Exchange } from '../server/exchange.ts';
import type { Route } from '../server/router.ts';
import { TurnResponder } from '../server/turn-responder.ts';
import type { Queue } from '../turns/queue.ts';
import type { ReasoningMemory } from '../turns/reasoning-memory.ts';
import { backendPath } from '../upstream/quota.ts';
import { commit, version } from '../version.ts';
import { loginState } from './login-state.ts';
import type { Services } from './services.ts';
import { settleMs } from './services.ts';
import type { Setup } from './setup.ts';
import type { Speech } from './speech.ts';
import { loadedModels } from './speech-memory.ts';
import { createSpeechModels } from './speech-models.ts';
import { createTurnRunner, translationContext } from './turns.ts';

/** What requests share as long as the daemon lives, whatever its settings become. */
export interface DaemonResources {
  turns: Queue;
  transcriptions: Queue;
  reasoning: ReasoningMemory;
  running: () => number;
}

/** The envelope of the API that a path belongs to, or that the client says it speaks. */
export function failureResponse(
  path: string,
  failure: Failure,
  exchange: Exchange | undefined,
  { quota }: Services,
): FailureResponse {
  const speaksAnthropic = exchange !== undefined && isAnthropic(exchange.headers);
  if (speaksAnthropic || /^(\/v1)?\/messages(\/|$)/.test(path)) {
    const answer = anthropicFailure(failure, exchange?.id);
    return { ...answer, headers: { ...answer.headers, ...limitHeaders(failure, quota.planWindows()) } };
  }
  return isOllamaPath(path) ? ollamaFailure(failure) : openaiRefusal(path, failure);
}

export function routesOf(
  setup: Setup,
  services: Services,
  speech: Speech,
  resources: DaemonResources,
): Route[] {
  const { config, log } = setup;
  const bodyLimitBytes = config.server.jsonLimitMb * 1024 * 1024;
  const context = translationContext(setup);
  const keepaliveMs = config.server.keepalive === 'off' ? 0 : config.server.keepaliveSeconds * 1000;
  const turns = new TurnResponder({
    turns: createTurnRunner(setup, services, {
      queue: resources.turns,
      reasoning: resources.reasoning,
      strict: config.server.strict,
    }),
    context,
    planWindows: () => services.quota.planWindows(),
    ticker: services.ticker,
    bodyLimitBytes,
    keepaliveMs,
    log,
  });
  const { naming, ticker } = services;
  const speechModels = createSpeechModels(speech.registry, Date.now);
  const apis = [
    ...openaiRoutes(turns),
    ...compactionRoutes({ turns, naming, context, bodyLimitBytes, newId: services.newId }),
    ...imageRoutes({ turns, naming, bodyLimitBytes, directories: speech.directories }),
    ...anthropicRoutes({ turns, naming, context, bodyLimitBytes }),
    ...ollamaRoutes({
      turns,
      naming,
      bodyLimitBytes,
      version,
      nowMs: Date.now,
      real: realOllama(setup, services),
    }),
    ...modelRoutes({ naming, speech: speechModels, listsSpeech: isSpeechServer(config) }),
    ...speechAdminRoutes(loadedModels(speech.engines, Date.now)),
    ...audioRoutes({
      transcriber: speech.transcriber,
      directories: speech.directories,
      queue: resources.transcriptions,
      limitBytes: config.server.audioLimitMb * 1024 * 1024,
      speech: speechModels,
      ticker,
      keepaliveMs,
      settleMs,
      strict: config.server.strict,
      log,
    }),
  ];
  return [
    ...apis,
    ...codexRoutes({
      routes: apis,
      get: (name) => services.upstream.get(backendPath(config.upstream.baseUrl, name)),
      accountId: services.accountId,
      quotas: () => services.quota.current(),
      nowMs: Date.now,
    }),
    ...unsupportedRoutes(),
    ...debugRoutes(services.login, Date.now),
    ...healthRoutes({
      version,
      commit,
      apis: apis.filter(({ open, path }) => !open && !path.includes(':')).map(({ path }) => path),
      startedAtMs: performance.now(),
      login: async () => loginState(services.login),
      model: () => knownDefault(setup, services),
      codexConfigFile: setup.paths.codexConfigFile,
      running: resources.running,
      nowMs: () => performance.now(),
    }),
  ];
}

/** Set up as open-asr-server was, whose clients look for its models in the plain list. */
function isSpeechServer({ transcription: { engine, model, preload } }: Config): boolean {
  return engine !== 'chatgpt' || model !== undefined || preload.length > 0;
}

/** From memory, disk or the bundle: health checks wait for nobody. */
async function knownDefault({ config }: Setup, { catalog }: Services): Promise<Model | undefined> {
  const naming = namingOf(config.models, (await catalog.known()).models);
  try {
    return defaultModel(naming);
  } catch {
    return undefined; // none is allowed
  }
}

function realOllama({ config, log }: Setup, { fetch }: Services) {
  const { url } = config.ollama;
  return url === undefined ? undefined : { url, fetch, log };
}
