// Creates the services that the API handlers use from the services of the daemon.
import type { Api } from '../apis/api.ts';
import { RecentModels } from '../apis/ollama/routes/recent-models.ts';
import { openApiDocument } from '../apis/openapi.ts';
import type { ApiServices, GatewayServices } from '../apis/services.ts';
import type { Config } from '../config/schema.ts';
import type { SpendingFile } from '../keys/spending.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { defaultModel, namingOf } from '../models/aliases.ts';
import type { Model } from '../models/model.ts';
import { TurnResponder } from '../server/turn-responder.ts';
import { ownerOf } from '../store/owner.ts';
import type { ResponseStore } from '../store/response-store.ts';
import type { RunningResponses } from '../store/running-responses.ts';
import type { Queue } from '../turns/queue.ts';
import type { ReasoningMemory } from '../turns/reasoning-memory.ts';
import { backendPath } from '../upstream/quota.ts';
import { commit, version } from '../version.ts';
import { createLimits } from './limits.ts';
import { loginState } from './login-state.ts';
import { type MetricsSources, metricsPage } from './metrics.ts';
import { type Services, settleMs } from './services.ts';
import type { Setup } from './setup.ts';
import type { Speech } from './speech.ts';
import { loadedModels } from './speech-memory.ts';
import { createSpeechModels } from './speech-models.ts';
import { createTurnRunner, translationContext } from './turns.ts';

/** Shared by all requests for the daemon's lifetime; survives reloads. */
export interface DaemonResources extends MetricsSources {
  reasoning: ReasoningMemory;
  /** Earlier responses; undefined if the settings disable them. */
  responseStore: ResponseStore | undefined;
  runningResponses: RunningResponses;
  /** Of WebSockets, which may continue responses that are not stored. */
  connectionResponses: ResponseStore;
  /** Undefined if the settings disable it. */
  ledger: Ledger | undefined;
  keySpending: SpendingFile;
}

export function createApiServices(
  apis: readonly Api[],
  setup: Setup,
  services: Services,
  speech: Speech,
  resources: DaemonResources,
  gateway: GatewayServices,
): ApiServices {
  const { config, log } = setup;
  const { server } = config;
  const { naming, ticker, login, newId } = services;
  const bodyLimitBytes = server.jsonLimitMb * 1024 * 1024;
  const keepaliveMs = server.keepalive === 'off' ? 0 : server.keepaliveSeconds * 1000;
  const limits = createLimits(setup, services, resources.keySpending);
  const respondingIn = (queue: Queue) =>
    new TurnResponder({
      turns: createTurnRunner(setup, services, {
        queue,
        reasoning: resources.reasoning,
        strict: server.strict,
        ...limits,
      }),
      context: translationContext(setup),
      planWindows: () => services.quota.planWindows(),
      nowMs: Date.now,
      ...{ ticker, bodyLimitBytes, keepaliveMs, log },
    });
  const created: ApiServices = {
    turns: respondingIn(resources.turns),
    imageTurns: respondingIn(resources.images),
    ...{ naming, bodyLimitBytes, login, newId, ticker, keepaliveMs, log, version },
    responses: {
      store: resources.responseStore,
      running: resources.runningResponses,
      connections: resources.connectionResponses,
      ownerOf: (caller) => ownerOf(services.accountId(), caller),
    },
    directories: speech.directories,
    ledger: resources.ledger,
    gateway,
    metrics: () => metricsPage(resources, services),
    strict: server.strict,
    nowMs: Date.now,
    recentModels: new RecentModels(Date.now),
    ollamaBackend: ollamaBackend(setup, services),
    account: {
      get: (name) => services.upstream.get(backendPath(config.upstream.baseUrl, name)),
      post: (name, body) => services.upstream.post(backendPath(config.upstream.baseUrl, name), body),
      mayRedeemResets: config.upstream.redeemResets,
      id: services.accountId,
      quotas: () => services.quota.current(),
    },
    speech: {
      transcriber: speech.transcriber,
      queue: resources.transcriptions,
      admit: (caller) => limits.budgets.admit(caller),
      limitBytes: server.audioLimitMb * 1024 * 1024,
      models: createSpeechModels(speech.registry, Date.now),
      isListed: isSpeechServer(config),
      loaded: loadedModels(speech.engines, Date.now),
      settleMs,
    },
    health: {
      version,
      commit,
      apis: apis.flatMap(documentedPaths),
      startedAtMs: performance.now(),
      login: async () => loginState(login),
      model: () => knownDefault(setup, services),
      codexConfigFile: setup.paths.codexConfigFile,
      running: () => resources.load().requests,
      nowMs: () => performance.now(),
    },
    openApi: () => openApiDocument(apis, created),
  };
  return created;
}

/** Of the APIs, for the card at `/`. */
function documentedPaths({ endpoints }: Api): string[] {
  const listed = endpoints.filter(
    ({ summary, open, keyed, path }) => summary !== undefined && !open && !keyed && !path.includes(':'),
  );
  return listed.map(({ path }) => path);
}

/**
 * With these settings, the daemon may replace an open-asr-server, whose clients look for its models in the plain list.
 */
function isSpeechServer({ transcription: { engine, model, preload } }: Config): boolean {
  return engine !== 'chatgpt' || model !== undefined || preload.length > 0;
}

/** From memory, disk or the bundle, so that health checks do not wait for the upstream. */
async function knownDefault({ config }: Setup, { catalog }: Services): Promise<Model | undefined> {
  const naming = namingOf(config.models, (await catalog.known()).models);
  try {
    return defaultModel(naming);
  } catch {
    return undefined; // no model is allowed
  }
}

function ollamaBackend({ config, log }: Setup, { fetch }: Services) {
  const { url } = config.ollama;
  return url === undefined ? undefined : { url, fetch, log };
}
