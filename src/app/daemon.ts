// The daemon: started from a setup, reloaded with another, and stopped when its responses have ended.

import type { Api } from '../apis/api.ts';
import { apis as allApis } from '../apis/index.ts';
import { failureResponse, routesOf } from '../apis/routes.ts';
import type { Config } from '../config/schema.ts';
import { asFailure, Failure } from '../failure.ts';
import type { IssuedKeys } from '../keys/issued-keys.ts';
import type { Keyring } from '../keys/keyring.ts';
import { CacheWatch } from '../ledger/cache-watch.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { CallMetrics } from '../metrics/call-metrics.ts';
import {
  checkListeners,
  type Listener,
  listenerName,
  parseListener,
  removeStaleSocket,
} from '../server/listener.ts';
import { accessLog } from '../server/middleware/access-log.ts';
import { type HttpServer, type ServerSettings, startServer } from '../server/serve.ts';
import { RunningResponses } from '../store/running-responses.ts';
import { Queue } from '../turns/queue.ts';
import { memoryLimits, ReasoningMemory } from '../turns/reasoning-memory.ts';
import { createApiServices, type DaemonResources } from './api-services.ts';
import { createGatewayState, gatewayServices } from './gateway.ts';
import { issuedKeysOf, keyringOf } from './keys.ts';
import { createLedger } from './ledger.ts';
import { spendingFileOf } from './limits.ts';
import { isOwnLogin, type LoginState, loginState } from './login-state.ts';
import { createConnectionStore, createResponseStore } from './response-store.ts';
import { createServices, type Services } from './services.ts';
import type { Setup } from './setup.ts';
import { createSpeech, preloadModels, type Speech } from './speech.ts';

export interface Daemon {
  /** URLs or `unix:/path`, in the order of the settings. */
  readonly addresses: string[];
  /** Requests in progress. */
  readonly running: number;
  readonly login: LoginState;
  /** Counts of earlier calls; undefined where the settings switch it off. */
  readonly ledger: Pick<Ledger, 'usage'> | undefined;
  /**
   * New requests use `setup`; running ones keep theirs. Throws, and changes nothing, if the settings would let other
   * machines use the login without a key.
   */
  reload(setup: Setup): void;
  /**
   * Lets running responses finish within `graceMs` or until `hurry`, ends the rest in-band, then stops the speech
   * engines.
   */
  stop(graceMs: number, hurry?: AbortSignal): Promise<void>;
}

/** Resolves when the daemon is listening and the models of `transcription.preload` are loaded. */
export async function startDaemon(setup: Setup, apis: readonly Api[] = allApis): Promise<Daemon> {
  const { config, log } = setup;
  const listeners = config.server.listen.map(parseListener);
  for (const listener of listeners) if (listener.kind === 'unix') await removeStaleSocket(listener.path);
  const resources = createResources(setup, () => ({ requests: server.running, streams: server.streaming }));
  const issuedKeys = issuedKeysOf(setup);
  const gatewayState = createGatewayState(issuedKeys);
  const settingsOf = (current: Setup, currentServices: Services, currentSpeech: Speech) => {
    const settings = serverSettings(current, currentServices, listeners, issuedKeys);
    const { keyring } = settings;
    const gateway = gatewayServices(gatewayState, current.config, keyring, issuedKeys, listeners);
    const apiServices = createApiServices(apis, current, currentServices, currentSpeech, resources, gateway);
    return { ...settings, routes: routesOf(apis, apiServices) };
  };
  const { ledger, metrics, cache } = resources;
  const services = createServices(setup, metrics.upstream);
  let speech = createSpeech(setup, services);
  await speech.sweep();
  await preloadModels(speech, config.transcription.preload, log);
  const server: HttpServer = startServer({
    ...settingsOf(setup, services, speech),
    listeners,
    failureResponse: (failure, exchange) =>
      failureResponse(apis, failure, exchange, services.quota.planWindows()),
    observers: [
      accessLog(log),
      metrics.observe,
      cache.observe,
      ...(ledger === undefined ? [] : [ledger.observe]),
    ],
    log,
    nowMs: () => performance.now(),
    newId: services.newId,
  });
  void services.catalog.models();
  void resources.responseStore?.isReady(); // warns if it is unavailable
  return {
    addresses: server.addresses,
    ledger,
    get running() {
      return server.running;
    },
    get login() {
      return loginState(services.login);
    },
    reload(next) {
      warnOfOtherListeners(next, listeners);
      warnOfOtherSettings(next, config, 'store');
      warnOfOtherSettings(next, config, 'ledger');
      const nextServices = createServices(next, metrics.upstream);
      const nextSpeech = createSpeech(next, nextServices);
      server.reload(settingsOf(next, nextServices, nextSpeech));
      void replaceSpeech(speech, nextSpeech, next);
      speech = nextSpeech;
    },
    async stop(graceMs, hurry) {
      await server.stop(graceMs, hurry);
      await speech.close();
      await resources.responseStore?.close();
      resources.keySpending.flush();
      ledger?.close();
    },
  };
}

/** Lives as long as the daemon, so that running requests keep their slots when the settings change. */
function createResources(setup: Setup, load: DaemonResources['load']): DaemonResources {
  const { server, transcription } = setup.config;
  const timeoutMs = server.queueTimeoutSeconds * 1000;
  const ledger = createLedger(setup);
  const metrics = new CallMetrics();
  return {
    turns: new Queue({ concurrency: server.concurrency, waiting: server.queue, timeoutMs }),
    images: new Queue({
      concurrency: server.imageConcurrency,
      waiting: server.imageQueue,
      timeoutMs,
      setting: 'server.image_concurrency',
    }),
    transcriptions: new Queue({
      concurrency: transcription.concurrency,
      waiting: transcription.queue,
      timeoutMs,
      setting: 'transcription.concurrency',
    }),
    reasoning: new ReasoningMemory(memoryLimits, () => performance.now()),
    responseStore: createResponseStore(setup),
    runningResponses: new RunningResponses(),
    connectionResponses: createConnectionStore(setup),
    ledger,
    keySpending: spendingFileOf(setup),
    metrics,
    cache: new CacheWatch(Date.now, [metrics.noteTurn, ...(ledger === undefined ? [] : [ledger.noteTurn])]),
    startedAtMs: Date.now(),
    load,
  };
}

/** The new engines load their models after the old ones have freed memory and ports. */
async function replaceSpeech(old: Speech, next: Speech, { config, log }: Setup): Promise<void> {
  try {
    await old.retire();
    await preloadModels(next, config.transcription.preload, log);
  } catch (thrown) {
    const { message, advice } = asFailure(thrown);
    log.error('a speech model could not be loaded', { why: message, next: advice });
  }
}

/** A socket stays open until the process exits, so a reload cannot change where the daemon listens. */
function warnOfOtherListeners({ config, log }: Setup, open: Listener[]): void {
  const wanted = config.server.listen.map((text) => listenerName(parseListener(text))).join(', ');
  const listening = open.map(listenerName).join(', ');
  if (wanted === listening) return;
  log.warn('`server.listen` takes effect after a restart', { listening, wanted });
}

/** These settings cannot be reloaded: a new store would not have the earlier responses, and the ledger's file stays open. */
function warnOfOtherSettings({ config, log }: Setup, open: Config, section: 'store' | 'ledger'): void {
  if (Bun.deepEquals(config[section], open[section])) return;
  log.warn(`the settings of \`${section}\` take effect after a restart`);
}

/**
 * Everything that a reload may change. Throws if the settings would let other machines use the login without a key. The
 * open sockets decide, whatever the new `server.listen` says.
 */
function serverSettings(
  setup: Setup,
  services: Services,
  listeners: Listener[],
  issuedKeys: IssuedKeys,
): Omit<ServerSettings, 'routes'> {
  const { server, tailscale } = setup.config;
  const keyring = checkedKeyring(setup, listeners, issuedKeys);
  return {
    keyring,
    tailscaleLogins: tailscale.trustIdentity ? tailscale.allowedLogins : undefined,
    isOwnLogin: (bearer) => isOwnLogin(bearer, services.login),
    rateLimitPerMinute: server.rateLimitPerMinute,
    bodyMemoryBytes: server.bodyMemoryMb * 1024 * 1024,
    allowedHosts: [...server.allowedHosts],
    corsOrigins: [...server.corsOrigins],
  };
}

/** Throws if `listeners` would let other machines use the login without a key. */
export function checkedKeyring(setup: Setup, listeners: Listener[], issuedKeys: IssuedKeys): Keyring {
  const { server } = setup.config;
  const keyring = keyringOf(setup, issuedKeys);
  checkListeners(listeners, keyring.isRequired, server.insecureNoApiKey);
  if (server.corsOrigins.includes('*') && !keyring.isRequired) {
    throw new Failure('invalid_request', '`server.cors_origins = "*"` requires an API key.', {
      code: 'invalid_config',
      advice: 'Set `server.api_key`, or list the origins in `server.cors_origins`.',
    });
  }
  return keyring;
}
