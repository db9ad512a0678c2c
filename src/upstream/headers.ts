// Who we say we are to the upstream (reference/upstream-codex.md 5.3, 5.4): one honest, consistent identity on every call.
import { isCodexClient } from '../responses/codex-client.ts';
import type { Credentials } from './credentials.ts';

export interface Identity {
  originator: string;
  userAgent: string;
  /** The Codex version whose protocol we speak; it gates models (5.4). */
  clientVersion: string;
}

/** `codexd/1.2.3 (linux; x64)` */
export function defaultUserAgent(version: string, platform: string, arch: string): string {
  return `codexd/${version} (${platform}; ${arch})`;
}

/**
 * For /transcribe alone, which belongs to the desktop app and whose front challenges every other name (reference/asr.md
 * 1.1, 1.6). The version is the one codex-asr sends; the rest says truly where we run, in the app's words.
 */
export function desktopIdentity(platform: string, arch: string): Omit<Identity, 'clientVersion'> {
  const os = { darwin: 'macos', win32: 'windows' }[platform] ?? platform;
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[arch] ?? arch;
  return { originator: 'Codex Desktop', userAgent: `Codex Desktop/26.429.30905 (${os}; ${cpu})` };
}

/** Headers of every call with a login. */
export function identityHeaders(identity: Identity, credentials: Credentials): Record<string, string> {
  return { ...loginHeaders(identity, credentials), version: identity.clientVersion };
}

/** No more than /transcribe is sent: further headers raise the chance of a challenge (upstream-codex.md 13). */
export function loginHeaders(
  identity: Omit<Identity, 'clientVersion'>,
  credentials: Credentials,
): Record<string, string> {
  return {
    authorization: `Bearer ${credentials.accessToken}`,
    originator: identity.originator,
    'user-agent': identity.userAgent,
    ...(credentials.accountId === undefined ? {} : { 'chatgpt-account-id': credentials.accountId }),
    ...(credentials.fedramp ? { 'x-openai-fedramp': 'true' } : {}),
  };
}

export interface TurnHeaders {
  session: string;
  lite: boolean;
  routingOverride: string | undefined;
  model: string;
  serviceTier: string | undefined;
  /** What a Codex client sent along and the upstream should see. */
  passedOn: Record<string, string>;
}

export function turnHeaders(turn: TurnHeaders): Record<string, string> {
  const { [routingHint]: ownHint, ...passedOn } = turn.passedOn;
  return {
    accept: 'text/event-stream',
    'accept-encoding': 'zstd, gzip',
    'content-type': 'application/json',
    'session-id': turn.session,
    'thread-id': turn.session,
    'x-client-request-id': turn.session,
    [routingHint]: hintOf(turn, ownHint),
    ...passedOn,
    ...(turn.lite ? { 'x-openai-internal-codex-responses-lite': 'true' } : {}),
    ...(turn.routingOverride === undefined
      ? {}
      : { 'x-openai-account-routing-override': turn.routingOverride }),
  };
}

const routingHint = 'x-codex-routing-hint';

/** A Codex client's own hint counts for the model it names. */
function hintOf({ model, serviceTier }: TurnHeaders, own: string | undefined): string {
  const hint = `model=${model}`;
  if (own === hint || own?.startsWith(`${hint};`)) return own;
  return serviceTier === undefined ? hint : `${hint};tier=${serviceTier}`;
}

const anyClient = ['x-openai-subagent', 'x-openai-memgen-request'];
const codexClient = [
  routingHint,
  'x-codex-beta-features',
  'x-codex-turn-state',
  'x-codex-window-id',
  'x-codex-turn-metadata',
  'x-codex-parent-thread-id',
  'thread-id',
];

/** The client's headers that belong upstream; a Codex client's own bookkeeping too. */
export function passedOnHeaders(headers: Headers): Record<string, string> {
  const names = isCodexClient(headers) ? [...anyClient, ...codexClient] : anyClient;
  const passed: Record<string, string> = {};
  for (const name of names) {
    const value = headers.get(name);
    if (value !== null) passed[name] = value;
  }
  return passed;
}

/**
 * What a Codex client wants to see of the upstream's answer: the model that served, its turn state, its quota. Anybody
 * else would only learn about the account (upstream-codex.md trap 24).
 */
export function codexHeaders(client: Headers, answer: Headers): Record<string, string> {
  if (!isCodexClient(client)) return {};
  return Object.fromEntries(
    [...answer].filter(([name]) =>
      /^(?:openai-model|x-models-etag|x-reasoning-included|x-codex-.+)$/.test(name),
    ),
  );
}

const versionNumber = '(\\d{1,4}\\.\\d{1,4}\\.\\d{1,4}(?:-[\\w.]{1,32})?)';
const versionHeader = new RegExp(`^${versionNumber}$`);
/** The desktop app counts its own versions, which say nothing about the protocol. */
const versionInAgent = new RegExp(`^codex[_-]\\w+/${versionNumber}(?=\\s|$)`);

/** The version a Codex client says it is: its `version` header, else the one in its user agent. */
export function codexVersion(headers: Headers): string | undefined {
  if (!isCodexClient(headers)) return undefined;
  const named = versionHeader.exec(headers.get('version') ?? '');
  return (named ?? versionInAgent.exec(headers.get('user-agent') ?? ''))?.[1];
}
