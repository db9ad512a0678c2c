// `codexd serve`: where the daemon is wired together.
import type { Config } from '../config/schema.ts';
import { anthropicFailure } from '../dialects/anthropic/errors.ts';
import { limitHeaders } from '../dialects/anthropic/plan-limits.ts';
import { ollamaFailure } from '../dialects/ollama/errors.ts';
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { defaultModel, namingOf } from '../models/aliases.ts';
import type { Model } from '../models/model.ts';
import type { FailureResponse } from '../responses/translator.ts';
import { anthropicRoutes } from '../server/anthropic.ts';
import { audioRoutes } from '../server/audio.ts';
import { codexRoutes } from '../server/codex.ts';
import { compactionRoutes } from '../server/compaction.ts';
import { debugRoutes } from '../server/debug.ts';
import type { Exchange } from '../server/exchange.ts';
import { healthRoutes } from '../server/health.ts';
import { imageRoutes } from '../server/images.ts';
import {
  type Listener,
  nameOf,
  parseListener,
  refuseExposure,
  removeStaleSocket,
} from '../server/listener.ts';
import { accessLog } from '../server/middleware/access-log.ts';
import { type ApiKey, createKeyring, isSameSecret, plainApiKey } from '../server/middleware/api-key.ts';
import { isAnthropic, modelRoutes } from '../server/models.ts';
import { isOllamaPath, ollamaRoutes } from '../server/ollama.ts';
import { openaiRefusal, openaiRoutes, unsupportedRoutes } from '../server/openai.ts';
import type { Route } from '../server/router.ts';
import { type Daemon, type DaemonSettings, startDaemon } from '../server/serve.ts';
import { speechAdminRoutes } from '../server/speech-admin.ts';
import { TurnResponder } from '../server/turn-responder.ts';
import { adviceOf, reasonOf } from '../system/errno.ts';
import { replaceFile } from '../system/whole-file.ts';
import { planTurn } from '../turns/plan.ts';
import { Queue } from '../turns/queue.ts';
import { memoryLimits, ReasoningMemory } from '../turns/reasoning-memory.ts';
import { TurnRunner } from '../turns/run.ts';
import { backendPath } from '../upstream/quota.ts';
import { commit, version } from '../version.ts';
import { usageFailure } from './arguments.ts';
import { command, type Invocation } from './command.ts';
import { noSuchFile } from './no-such-file.ts';
import { restartWithRequestLimit } from './restart.ts';
import { openRooms, planOptions, type Rooms, settleMs, summaryWish } from './rooms.ts';
import { openSession, type Session } from './session.ts';
import { openSpeech, preload, type Speech } from './speech.ts';
import { loadedModels } from './speech-memory.ts';
import { createSpeechModels } from './speech-models.ts';
import { watchStopSignals } from './stop-signals.ts';

export default command({
  settings: ['server', 'upstream', 'auth', 'models', 'reasoning', 'transcription'],
  examples: [
    'codexd serve',
    'codexd serve --demo',
    'codexd serve -p 9000',
    'codexd serve --listen 0.0.0.0:8787 --api-key "$KEY"',
  ],
  args: {
    demo: { type: 'boolean', description: 'Use the built-in simulated upstream; no login needed.' },
    scenario: {
      type: 'string',
      description: 'With --demo: a JSON file that scripts turns and faults.',
      valueHint: 'FILE',
    },
  },
  run: async (call) => {
    restartWithRequestLimit(call);
    const session = await openSession(call, 'info');
    const demo = call.args.demo ? await startDemo(call, call.args.scenario) : undefined;
    if (call.args.scenario !== undefined && demo === undefined) {
      throw usageFailure('`--scenario` works only with `--demo`.', 'Add --demo.');
    }
    const settled = demo === undefined ? session : demo.settle(session);
    const { daemon, settingsOf, announce, close } = await serve(settled);
    rereadOnHangup(call, settled, (read) => daemon.reload(settingsOf(demo?.settle(read) ?? read)));
    const signals = watchStopSignals(call);
    announce();
    settled.log.info('stopping', { signal: await signals.first, running: daemon.running });
    await daemon.stop(settled.config.server.shutdownGraceSeconds * 1000, signals.second);
    await close();
    await demo?.stop();
    return signals.exitCode();
  },
});

interface Serving {
  daemon: Daemon;
  /** What a configuration that was read again means for the daemon. */
  settingsOf: (session: Session) => DaemonSettings;
  /** Says where the daemon listens; whoever waits for that may send signals from then on. */
  announce(): void;
  /** Ends the engines of speech. */
  close(): Promise<void>;
}

/** What lives as long as the daemon: requests under way keep their places when the settings change. */
interface Places {
  turns: Queue;
  transcriptions: Queue;
  reasoning: ReasoningMemory;
  running: () => number;
}

/** Starts listening. */
async function serve(session: Session): Promise<Serving> {
  const { server } = session.config;
  const { log, terminal } = session;
  const listeners = server.listen.map(parseListener);
  for (const listener of listeners) if (listener.kind === 'unix') await removeStaleSocket(listener.path);
  const { transcription } = session.config;
  const timeoutMs = server.queueTimeoutSeconds * 1000;
  const places: Places = {
    turns: new Queue({ concurrency: server.concurrency, waiting: server.queue, timeoutMs }),
    transcriptions: new Queue({
      concurrency: transcription.concurrency,
      waiting: transcription.queue,
      timeoutMs,
      setting: 'transcription.concurrency',
    }),
    reasoning: new ReasoningMemory(memoryLimits, () => performance.now()),
    running: () => daemon.running,
  };
  const rooms = openRooms(session);
  let speech = openSpeech(session, rooms);
  await speech.sweep();
  // Until the daemon can stop in order, a signal ends it here, so that what engines have started ends with it.
  const end = (signal: NodeJS.Signals) => process.exit(signal === 'SIGTERM' ? 143 : 129);
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
  await preload(speech, transcription.preload, log);
  const daemon: Daemon = startDaemon({
    ...daemonSettings(session, rooms, speech, places, listeners),
    listeners,
    dress: (path, failure, exchange) => dressed(path, failure, exchange, rooms),
    observers: [accessLog(log)],
    log,
    nowMs: () => performance.now(),
    newId: rooms.newId,
  });
  void rooms.catalog.models();
  process.off('SIGTERM', end);
  process.off('SIGHUP', end);
  return {
    daemon,
    announce: () => {
      const lines = daemon.addresses.map((address) => `listening on ${address}\n`).join('');
      terminal.stderr.write(lines);
      if (server.readyFile !== undefined) writeReadyFile(server.readyFile, lines);
      warnWithoutLogin(rooms, log);
    },
    settingsOf: (read) => {
      warnOfOtherListeners(read, listeners);
      const reopened = openRooms(read);
      const next = openSpeech(read, reopened);
      const settings = daemonSettings(read, reopened, next, places, listeners);
      void replace(speech, next, read);
      speech = next;
      return settings;
    },
    close: () => speech.close(),
  };
}

/** The new engines load their models when the old ones have freed the memory, and the ports. */
async function replace(old: Speech, next: Speech, { config, log }: Session): Promise<void> {
  try {
    await old.retire();
    await preload(next, config.transcription.preload, log);
  } catch (thrown) {
    const { message, advice } = asFailure(thrown);
    log.error('a speech model could not be loaded', { why: message, next: advice });
  }
}

/** A socket stays open until the process ends, so SIGHUP cannot change where the daemon listens. */
function warnOfOtherListeners({ config, log }: Session, open: Listener[]): void {
  const wanted = config.server.listen.map((text) => nameOf(parseListener(text))).join(', ');
  const listening = open.map(nameOf).join(', ');
  if (wanted === listening) return;
  log.warn('`server.listen` takes effect after a restart', { listening, wanted });
}

/**
 * Everything that SIGHUP may change. Throws for settings that would open the login to others: they are judged by the
 * sockets that are open, whatever the new `server.listen` says.
 */
function daemonSettings(
  session: Session,
  rooms: Rooms,
  speech: Speech,
  places: Places,
  listeners: Listener[],
): DaemonSettings {
  const { server } = session.config;
  const keys = apiKeysOf(session.config);
  refuseExposure(listeners, keys.length > 0, server.insecureNoApiKey);
  if (server.corsOrigins.includes('*') && keys.length === 0) {
    throw new Failure('invalid_request', '`server.cors_origins = "*"` requires an API key.', {
      code: 'invalid_config',
      advice: 'Set `server.api_key`, or list the origins in `server.cors_origins`.',
    });
  }
  return {
    routes: routesOf(session, rooms, speech, places),
    keyring: createKeyring(keys),
    isOwnLogin: (bearer) => isOwnLogin(bearer, rooms),
    rateLimitPerMinute: server.rateLimitPerMinute,
    bodyMemoryBytes: server.bodyMemoryMb * 1024 * 1024,
    allowedHosts: [...server.allowedHosts],
    corsOrigins: [...server.corsOrigins],
  };
}

/** SIGHUP rereads the configuration. One that is wrong changes nothing. */
function rereadOnHangup(call: Invocation, { log }: Session, reload: (session: Session) => void): void {
  process.on('SIGHUP', async () => {
    try {
      reload(await openSession(call, 'info'));
      log.info('configuration reloaded');
    } catch (thrown) {
      const { message, advice } = asFailure(thrown);
      log.error('configuration reload failed, keeping the old one', { why: message, next: advice });
    }
  });
}

/** The envelope of the API that a path belongs to, or that the client says it speaks. */
function dressed(
  path: string,
  failure: Failure,
  exchange: Exchange | undefined,
  { quota }: Rooms,
): FailureResponse {
  const speaksAnthropic = exchange !== undefined && isAnthropic(exchange.headers);
  if (speaksAnthropic || /^(\/v1)?\/messages(\/|$)/.test(path)) {
    const answer = anthropicFailure(failure, exchange?.id);
    return { ...answer, headers: { ...answer.headers, ...limitHeaders(failure, quota.planWindows()) } };
  }
  return isOllamaPath(path) ? ollamaFailure(failure) : openaiRefusal(path, failure);
}

function routesOf(session: Session, rooms: Rooms, speech: Speech, places: Places): Route[] {
  const { config, log } = session;
  const bodyLimitBytes = config.server.jsonLimitMb * 1024 * 1024;
  const context = {
    reasoningStyle: config.reasoning.style,
    reasoningSummary: summaryWish(config),
    keepalive: config.server.keepalive === 'chunk' ? 'chunk' : 'comment',
  } as const;
  const keepaliveMs = config.server.keepalive === 'off' ? 0 : config.server.keepaliveSeconds * 1000;
  const runner = new TurnRunner({
    openTurn: (request, signal) => rooms.upstream.openTurn(request, signal),
    plan: async (translation, naming, { headers, caller }) =>
      planTurn(
        translation,
        headers,
        naming,
        planOptions(session, await rooms.turnNaming(translation.model, headers), (model) =>
          places.reasoning.storeFor({ account: accountOf(rooms) ?? '', caller: caller.name, model }),
        ),
        caller.models,
      ),
    queue: places.turns,
    strict: config.server.strict,
  });
  const turns = new TurnResponder({
    turns: runner,
    context,
    planWindows: () => rooms.quota.planWindows(),
    ticker: rooms.ticker,
    bodyLimitBytes,
    keepaliveMs,
    log,
  });
  const { naming, ticker } = rooms;
  const speechModels = createSpeechModels(speech.registry, Date.now);
  const apis = [
    ...openaiRoutes(turns),
    ...compactionRoutes({ turns, naming, context, bodyLimitBytes, newId: rooms.newId }),
    ...imageRoutes({ turns, naming, bodyLimitBytes, directories: speech.directories }),
    ...anthropicRoutes({ turns, naming, context, bodyLimitBytes }),
    ...ollamaRoutes({
      turns,
      naming,
      bodyLimitBytes,
      version,
      nowMs: Date.now,
      real: realOllama(session, rooms),
    }),
    ...modelRoutes({ naming, speech: speechModels, listsSpeech: isSpeechServer(config) }),
    ...speechAdminRoutes(loadedModels(speech.engines, Date.now)),
    ...audioRoutes({
      transcriber: speech.transcriber,
      directories: speech.directories,
      queue: places.transcriptions,
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
      get: (name) => rooms.upstream.get(backendPath(config.upstream.baseUrl, name)),
      accountId: () => accountOf(rooms),
      quotas: () => rooms.quota.current(),
      nowMs: Date.now,
    }),
    ...unsupportedRoutes(),
    ...debugRoutes(rooms.login, Date.now),
    ...healthRoutes({
      version,
      commit,
      apis: apis.filter(({ open, path }) => !open && !path.includes(':')).map(({ path }) => path),
      startedAtMs: performance.now(),
      login: async () => loginHealth(rooms),
      model: () => knownDefault(session, rooms),
      codexConfigFile: session.paths.codexConfigFile,
      running: places.running,
      nowMs: () => performance.now(),
    }),
  ];
}

/** Set up as open-asr-server was, whose clients look for its models in the plain list. */
function isSpeechServer({ transcription: { engine, model, preload } }: Config): boolean {
  return engine !== 'chatgpt' || model !== undefined || preload.length > 0;
}

/** Of the login in use: the upstream refuses the reasoning of another account. */
function accountOf({ login }: Rooms): string | undefined {
  try {
    return login.facts().accountId;
  } catch {
    return undefined;
  }
}

/** From memory, disk or the bundle: health checks wait for nobody. */
async function knownDefault({ config }: Session, { catalog }: Rooms): Promise<Model | undefined> {
  const naming = namingOf(config.models, (await catalog.known()).models);
  try {
    return defaultModel(naming);
  } catch {
    return undefined; // none is allowed
  }
}

async function isOwnLogin(bearer: string, { login }: Rooms): Promise<boolean> {
  try {
    return isSameSecret((await login.get()).accessToken, bearer);
  } catch {
    return false; // there is no login to compare with
  }
}

function realOllama({ config, log }: Session, { fetch }: Rooms) {
  const { url } = config.ollama;
  return url === undefined ? undefined : { url, fetch, log };
}

function loginHealth({ login }: Rooms): { ok: boolean; message?: string } {
  try {
    login.facts();
    return { ok: true };
  } catch (thrown) {
    const message =
      thrown instanceof Failure ? `${thrown.message} ${thrown.advice}` : 'The login could not be read.';
    return { ok: false, message };
  }
}

function warnWithoutLogin(rooms: Rooms, log: Log): void {
  const { ok, message } = loginHealth(rooms);
  if (!ok) log.warn(message ?? 'There is no login.');
}

function apiKeysOf({ server }: Config): ApiKey[] {
  const named = server.keys.map((key) => ({
    ...key,
    models: key.models === undefined ? undefined : [...key.models],
  }));
  if (server.noApiKey) return [];
  return server.apiKey === undefined ? named : [plainApiKey(server.apiKey), ...named];
}

/** The simulated upstream in place of the real one, with a login of its own. */
async function startDemo(call: Invocation, scenarioFile: string | undefined) {
  const { startSimulator, loadScenario } = await import('../simulator/simulator.ts');
  const text = scenarioFile === undefined ? undefined : call.readFile(scenarioFile);
  if (scenarioFile !== undefined && text === undefined) {
    throw noSuchFile(scenarioFile as string);
  }
  const scenario = text === undefined ? undefined : loadScenario(text, scenarioFile as string);
  const simulator = startSimulator(scenario === undefined ? {} : { scenario });
  const { access_token: bearer } = simulator.login();
  return {
    settle: (session: Session): Session => ({
      ...session,
      config: {
        ...session.config,
        upstream: { ...session.config.upstream, baseUrl: simulator.upstream, issuer: simulator.issuer },
        auth: { ...session.config.auth, bearer },
      },
    }),
    stop: () => simulator.stop(),
  };
}

/** Anybody may read where the daemon listens; nobody else may write it. */
function writeReadyFile(file: string, lines: string): void {
  try {
    replaceFile(file, lines, { mode: 0o644 });
  } catch (cause) {
    throw new Failure('forbidden', `Cannot write the ready file ${file}: ${reasonOf(cause)}.`, {
      code: 'unwritable_file',
      advice: adviceOf(cause, file),
      cause,
    });
  }
}
