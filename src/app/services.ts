// The services that commands and the daemon share: network, login, catalogue and model API. Creating them sends no
// request and reads no file.

import { createLocks } from '../auth/lock.ts';
import type { LoginServer } from '../auth/login-server.ts';
import { createLoginSource, type LoginSource } from '../auth/source.ts';
import { onAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';
import { type Naming, namingOf } from '../models/aliases.ts';
import { Catalog, type CatalogResponse, type Models } from '../models/catalog.ts';
import { Catalogs, codexNaming } from '../models/catalogs.ts';
import { isCodexClient } from '../responses/codex-client.ts';
import { createTicker, type Ticker } from '../stream/ticker.ts';
import { readTextFile } from '../system/bounded-file.ts';
import { reasonOf } from '../system/errno.ts';
import { UpstreamClient, type UpstreamObserver } from '../upstream/client.ts';
import { codexVersion, defaultUserAgent, type Identity } from '../upstream/headers.ts';
import { QuotaBook, quotasFromEvent, quotasFromHeaders } from '../upstream/quota.ts';
import { createFetch, type Fetch } from '../upstream/transport.ts';
import { version } from '../version.ts';
import type { Setup } from './setup.ts';

export interface Services {
  fetch: Fetch;
  loginServer: LoginServer;
  login: LoginSource;
  upstream: UpstreamClient;
  /** The catalogue for all clients except Codex. */
  catalog: Catalog;
  quota: QuotaBook;
  ticker: Ticker;
  /** Resolves model names; for a Codex client, from the list of its own version. */
  naming: (codexVersion?: string) => Promise<Naming>;
  /** The names that a turn's model is resolved with. */
  turnNaming: (model: string, headers: Headers) => Promise<Naming>;
  /** The account's ID; undefined without a login. The upstream refuses reasoning of another account. */
  accountId: () => string | undefined;
  newId: (prefix: string) => string;
  /** Rejects with the signal's reason. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const catalogTimeoutMs = 5000;
/** How long keep-alives alone keep a turn open. Under load, the upstream holds turns for minutes. */
const noContentMs = 30 * 60_000;
/** After this, the client gets the head of its response even if the upstream has not started to answer. */
export const settleMs = 10_000;

export function createServices(setup: Setup, observer?: UpstreamObserver): Services {
  const { config, sources, paths, log, secrets, homedir, env } = setup;
  const { upstream: settings, auth } = config;
  const nowMs = Date.now;
  const identity: Identity = {
    originator: settings.originator,
    userAgent: settings.userAgent ?? defaultUserAgent(version, process.platform, process.arch),
    clientVersion: settings.clientVersion,
  };
  const { wrapFetch = (fetch: Fetch) => fetch } = setup;
  const transport = createFetch({
    proxy: settings.proxy,
    ca: certificates(settings.caFile),
    connectTimeoutMs: settings.connectTimeoutSeconds * 1000,
    env,
    ...(setup.fetch === undefined ? {} : { fetch: setup.fetch }),
  });
  const fetch = wrapFetch(transport);
  const loginServer: LoginServer = {
    issuer: settings.issuer,
    clientId: settings.clientId,
    ...(settings.tokenUrl === undefined ? {} : { refreshUrl: settings.tokenUrl }),
    originator: identity.originator,
    userAgent: identity.userAgent,
    fetch,
  };
  const login = createLoginSource({
    ...(auth.bearer === undefined ? {} : { bearer: auth.bearer }),
    ...(auth.authJson === undefined ? {} : { authJson: auth.authJson }),
    ...(sources?.['auth.auth_json'] === undefined ? {} : { authJsonFrom: sources['auth.auth_json'].at }),
    ...(auth.authFile === undefined ? {} : { authFile: auth.authFile }),
    ...(auth.accountId === undefined ? {} : { accountId: auth.accountId }),
    ownFile: paths.authFile,
    codexHomes: [...new Set([paths.codexHome, `${homedir}/.codex`])],
    readonly: auth.readonly,
    server: loginServer,
    secrets,
    locks: createLocks({ platform: process.platform, now: nowMs, sleep: Bun.sleep }),
    now: nowMs,
    log,
  });
  const ticker = createTicker();
  const quota = new QuotaBook(nowMs);
  const newId = (prefix: string) => `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`;
  const upstream = new UpstreamClient({
    baseUrl: settings.baseUrl,
    identity,
    tokens: login,
    fetch,
    observeHeaders: (headers) => {
      quota.note(quotasFromHeaders(headers, nowMs()));
      const etag = headers.get('x-models-etag');
      if (etag !== null) catalog.hint(etag);
    },
    observer,
    observeEvent: (event) => quota.note(quotasFromEvent(event, nowMs())),
    firstByteMs: settings.firstByteTimeoutSeconds * 1000,
    settleMs,
    limits: {
      idleMs: settings.idleTimeoutSeconds * 1000,
      noContentMs,
      totalMs:
        settings.totalTimeoutSeconds === 0 ? Number.POSITIVE_INFINITY : settings.totalTimeoutSeconds * 1000,
    },
    retry: { retries: settings.retries, budgetMs: settings.retryBudgetSeconds * 1000 },
    compression: settings.compression,
    ticker,
    log,
    nowMs,
    newId,
    random: Math.random,
    sleep: sleepUnless,
  });
  const { cacheDir } = paths;
  const openCatalog = (version: string) =>
    new Catalog({
      fetchCatalog: ({ etag }) => fetchCatalog(upstream, version, etag),
      cacheFile:
        cacheDir !== undefined && version === identity.clientVersion ? `${cacheDir}/models.json` : undefined,
      identity: `${settings.baseUrl} ${version}`,
      nowMs,
      log,
    });
  const catalogs = new Catalogs({ ownVersion: identity.clientVersion, open: openCatalog });
  const catalog = catalogs.own;
  const named = ({ models, etag }: Models): Naming => ({ ...namingOf(config.models, models), etag });
  const naming = async (version?: string) => named(await catalogs.of(version).models());
  const turnNaming = (model: string, headers: Headers) =>
    isCodexClient(headers) ? codexNaming(model, catalogs.of(codexVersion(headers)), named) : naming();
  const services = { fetch, loginServer, login, upstream, catalog, quota, ticker, newId, sleep: sleepUnless };
  return { ...services, naming, turnNaming, accountId: () => accountOf(login) };
}

function accountOf(login: LoginSource): string | undefined {
  try {
    return login.facts().accountId;
  } catch {
    return undefined;
  }
}

async function fetchCatalog(
  upstream: UpstreamClient,
  clientVersion: string,
  etag: string | undefined,
): Promise<CatalogResponse> {
  const answer = await upstream.get(`/codex/models?client_version=${encodeURIComponent(clientVersion)}`, {
    timeoutMs: catalogTimeoutMs,
    ...(etag === undefined ? {} : { headers: { 'if-none-match': etag } }),
  });
  if (answer.status === 304) return { status: 304 };
  if (!answer.ok)
    throw new Failure('upstream_broke', `Could not fetch the model catalogue (HTTP ${answer.status}).`);
  const { models } = (await answer.json()) as { models?: unknown };
  return { etag: answer.headers.get('etag') ?? undefined, models };
}

function certificates(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readTextFile(file);
  } catch (cause) {
    throw new Failure('invalid_request', `Cannot read the certificate file ${file}: ${reasonOf(cause)}.`, {
      advice: 'Correct `upstream.ca_file`.',
      cause,
    });
  }
}

function sleepUnless(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      stopListening();
      resolve();
    }, ms);
    const stopListening = onAbort(signal, () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
