// Creates the speech services from the settings: the engines, the registry that selects one for a request, and the
// pipeline. Used by the daemon and by `codexd transcribe`.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ffmpeg } from '../audio/converting/ffmpeg.ts';
import { chatgptEngine } from '../audio/engines/chatgpt.ts';
import { createEngines } from '../audio/engines/create.ts';
import type { Engine, Readiness } from '../audio/engines/engine.ts';
import { Transcriber } from '../audio/pipeline.ts';
import { signalGroup } from '../audio/programs/process.ts';
import { createRegistry, type Registry } from '../audio/registry.ts';
import { createSilkToWav } from '../audio/silk/to-wav.ts';
import { WorkDirectories } from '../audio/work-directory.ts';
import { asFailure } from '../failure.ts';
import type { Log } from '../log.ts';
import { matchesGlob } from '../models/glob.ts';
import { childEnvironment } from '../system/child-environment.ts';
import { ChildRecords } from '../system/child-records.ts';
import { isAlive } from '../system/process-identity.ts';
import { desktopIdentity } from '../upstream/headers.ts';
import { curlPost } from '../upstream/transcribe/curl.ts';
import { fetchPost } from '../upstream/transcribe/post.ts';
import { createTranscribe, type Transcribe } from '../upstream/transcribe.ts';
import type { Services } from './services.ts';
import type { Setup } from './setup.ts';

export interface Speech {
  engines: readonly Engine[];
  registry: Registry;
  transcriber: Transcriber;
  directories: WorkDirectories;
  /** Stops servers and removes directories left by killed processes. */
  sweep(): Promise<void>;
  /** Closes once running jobs have finished. */
  retire(): Promise<void>;
  /** Stops the engines' servers and removes all job directories. */
  close(): Promise<void>;
}

export function createSpeech(setup: Setup, services: Services): Speech {
  const { config, log, paths, env, atExit } = setup;
  const { transcription: settings } = config;
  const chatgpt = chatgptEngine({
    send: openTranscribe(setup, services),
    login: () => loginReadiness(services),
    segmentSeconds: settings.pieceSeconds,
  });
  const records = new ChildRecords({
    directory: join(paths.stateDir, 'servers'),
    pid: process.pid,
    kill: (pid) => signalGroup(pid, 'SIGKILL'),
  });
  const others = createEngines(settings.engines, settings, {
    fetch: services.fetch,
    env,
    platform: process.platform,
    homedir: setup.homedir,
    which: Bun.which,
    matchesGlob,
    log,
    atExit,
    recordServer: (pid) => records.add(pid),
    nowMs: Date.now,
  });
  const engines = [chatgpt, ...others];
  const registry = createRegistry(engines, {
    default: settings.engine,
    model: settings.model,
    aliases: settings.aliases,
    allowed: settings.allowed,
    matchesGlob,
  });
  const directories = new WorkDirectories({ parent: tmpdir(), pid: process.pid, isAlive });
  const programs = { env: childEnvironment(env), atExit };
  const transcriber = new Transcriber({
    registry,
    matchesGlob,
    ...(settings.language === undefined ? {} : { language: settings.language }),
    keepSilk: settings.keepSilk,
    tools: {
      ffmpeg: findFfmpeg(settings.ffmpeg, programs),
      silk: createSilkToWav({ decoder: settings.silkDecoder, ...programs }),
      silkRate: settings.silkSampleRate,
      log,
    },
    directories,
  });
  const cancelRemoval = atExit(() => directories.closeNow());
  const close = async () => {
    await Promise.all(engines.map(({ memory }) => memory?.close()));
    await directories.close();
    cancelRemoval();
  };
  const retire = async () => {
    await directories.idle();
    await close();
  };
  const sweep = async () => {
    const orphans = records.stopOrphans();
    if (orphans > 0) log.info('stopped speech servers left by a killed codexd', { count: orphans });
    await directories.sweep();
  };
  return { engines, registry, transcriber, directories, sweep, retire, close };
}

function findFfmpeg(configured: string | undefined, programs: Omit<Ffmpeg, 'program'>): Ffmpeg | undefined {
  const program = configured ?? Bun.which('ffmpeg');
  return program === null ? undefined : { program, ...programs };
}

/** Sends recordings to ChatGPT. */
function openTranscribe({ config, log, env }: Setup, services: Services): Transcribe {
  const { upstream, transcription: settings } = config;
  const curl = {
    proxy: upstream.proxy,
    caFile: upstream.caFile,
    connectTimeoutMs: upstream.connectTimeoutSeconds * 1000,
    env,
  };
  return createTranscribe({
    client: services.upstream,
    endpoint: settings.endpoint,
    identity: desktopIdentity(process.platform, process.arch),
    post: settings.transport === 'curl' ? curlPost(curl) : fetchPost(services.fetch),
    requestTimeoutMs: settings.requestTimeoutSeconds * 1000,
    log,
    nowMs: Date.now,
    random: Math.random,
    sleep: services.sleep,
  });
}

function loginReadiness({ login }: Services): Readiness {
  try {
    login.facts();
    return { ready: true };
  } catch (thrown) {
    const { message, advice } = asFailure(thrown);
    return { ready: false, why: message, fix: advice };
  }
}

/** Loads the models of `transcription.preload` ahead of the first request. Throws if one cannot be loaded. */
export async function preloadModels(
  { registry }: Speech,
  models: readonly string[],
  log: Log,
): Promise<void> {
  for (const name of models) {
    const { engine, model } = await registry.resolve({ model: name, fromShell: true });
    if (engine.memory !== undefined) await engine.memory.pin();
    else
      log.warn('transcription.preload: this engine does not keep models loaded', {
        engine: engine.id,
        model,
      });
  }
}
