// The daemon that a client started by `codexd run` uses: one that is already listening, or one of its own in this process.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { startDaemon } from '../../app/daemon.ts';
import type { Demo } from '../../app/demo.ts';
import { ledgerPath } from '../../app/ledger.ts';
import { createServices } from '../../app/services.ts';
import { isTable } from '../../config/kinds.ts';
import type { Config } from '../../config/schema.ts';
import { Failure } from '../../failure.ts';
import { knownModels } from '../../models/catalog.ts';
import { type Model, readModels } from '../../models/model.ts';
import type { Fetch } from '../../upstream/transport.ts';
import { probeDaemon } from '../daemon-probe.ts';
import { originOf } from '../env/daemon.ts';
import type { Session } from '../session.ts';
import type { TemporaryDirectory } from './temporary-directory.ts';

const timeoutMs = 5_000;

export interface ClientDaemon {
  /** The settings and paths that it runs with; `server.listen` is its address. */
  session: Session;
  /** Those it offers. */
  models(): Promise<readonly Model[]>;
  /** Ends it if it was started for the client. */
  stop(): Promise<void>;
}

/** The first daemon listening on one of the configured addresses that a client can call. */
export async function findDaemon(session: Session): Promise<ClientDaemon | undefined> {
  const { fetch } = createServices(session);
  const addresses = session.config.server.listen.filter(isCallable);
  const probes = await Promise.all(addresses.map((address) => probeDaemon(address, fetch)));
  const address = probes.find(({ listening }) => listening)?.address;
  if (address === undefined) return undefined;
  const { server } = session.config;
  if (server.apiKey === undefined && server.keys.length > 0 && !server.noApiKey) {
    throw new Failure(
      'invalid_request',
      `The daemon on ${address} requires a key, but codexd stores only hashes of its keys.`,
      { code: 'no_api_key', advice: 'Set CODEXD_API_KEY to one of them for this command.' },
    );
  }
  const origin = originOf(address);
  await requireLogin(origin, fetch);
  const found = withServer(session, { listen: [address] });
  return {
    session: found,
    // It may have another login than this command.
    models: async () => (await fetchModels(origin, found.config, fetch)) ?? ownModels(found),
    stop: async () => {},
  };
}

/**
 * Listens on a free port, and creates no file in the home directory: its cache is in `directory`, in demo mode its state
 * as well.
 */
export async function startOwnDaemon(
  session: Session,
  demo: Demo | undefined,
  directory: TemporaryDirectory,
): Promise<ClientDaemon> {
  const { paths } = session;
  const cacheDir = directory.subdirectory('cache');
  if (demo === undefined) directory.copy(`${paths.cacheDir}/models.json`, 'cache/models.json');
  const stateDir = demo === undefined ? paths.stateDir : directory.subdirectory('state');
  const { server, transcription } = session.config;
  const { apiKey, keys } = server;
  // A client that does not transcribe should not wait for speech models.
  const config = {
    ...session.config,
    transcription: { ...transcription, preload: [] },
    ledger: ledgerFor(session),
  };
  const settings = withServer(
    { ...session, config, paths: { ...paths, cacheDir, stateDir } },
    {
      listen: ['127.0.0.1:0'],
      // Configured keys are known only as hashes; the client needs a real one.
      ...(apiKey === undefined && keys.length > 0 ? { apiKey: randomBytes(32).toString('base64url') } : {}),
    },
  );
  const own = demo?.apply(settings) ?? settings;
  const daemon = await startDaemon(own);
  const stop = async () => {
    await daemon.stop(0);
    await demo?.stop();
  };
  if (!daemon.login.ok) {
    await stop();
    throw noLogin(daemon.login.message);
  }
  const listening = withServer(own, { listen: [new URL(daemon.addresses[0]!).host] });
  return { session: listening, models: () => ownModels(listening), stop };
}

/** Creates no file: counts go to the user's ledger only if there is one. */
function ledgerFor({ config: { ledger }, paths }: Session): Config['ledger'] {
  const isNew = ledger.kind === 'sqlite' && !existsSync(ledgerPath(paths));
  return isNew ? { ...ledger, kind: 'memory' } : ledger;
}

async function ownModels(session: Session): Promise<readonly Model[]> {
  return (await knownModels(createServices(session).catalog)).models;
}

/** Undefined if the daemon does not list its models. */
async function fetchModels(origin: string, config: Config, fetch: Fetch): Promise<Model[] | undefined> {
  const { apiKey } = config.server;
  const query = `client_version=${encodeURIComponent(config.upstream.clientVersion)}`;
  const { models } = await fetchJson(`${origin}/codex/models?${query}`, fetch, {
    ...(apiKey === undefined ? {} : { headers: { authorization: `Bearer ${apiKey}` } }),
  });
  return Array.isArray(models) && models.length > 0 ? readModels(models) : undefined;
}

/** Clients cannot call Unix sockets, and port 0 stands for any free port. */
function isCallable(address: string): boolean {
  return !address.startsWith('unix:') && !address.endsWith(':0');
}

function withServer(session: Session, server: Partial<Config['server']>): Session {
  const { config } = session;
  return { ...session, config: { ...config, server: { ...config.server, ...server } } };
}

/** A daemon starts without a login, and would refuse every turn. */
async function requireLogin(origin: string, fetch: Fetch): Promise<void> {
  const { ready, message } = await fetchJson(`${origin}/readyz`, fetch);
  if (ready === false) throw noLogin(typeof message === 'string' ? message : undefined);
}

/** Empty if there is no JSON object; the client will show what is wrong. */
async function fetchJson(
  url: string,
  fetch: Fetch,
  init: RequestInit = {},
): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(url, {
      ...init,
      signal: AbortSignal.timeout(timeoutMs),
      // The proxy is for the upstream; the daemon is called directly.
      ...({ proxy: false } as object),
    });
    const body: unknown = await response.json();
    return isTable(body) ? body : {};
  } catch {
    return {};
  }
}

function noLogin(message = 'Not logged in.'): Failure {
  return new Failure('login_required', message, {
    advice: 'To try it without a login, use `codexd run --demo`.',
  });
}
