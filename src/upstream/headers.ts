// The headers of upstream requests, and the identity in them: honest, and the same on every call
// (docs/wire/upstream.md#headers, docs/wire/upstream.md#identity-gates).
import { isCodexClient } from '../responses/codex-client.ts';
import type { Credentials } from './credentials.ts';

export interface Identity {
  originator: string;
  userAgent: string;
  /** The Codex version whose protocol we speak. The upstream offers newer models only to newer versions. */
  clientVersion: string;
}

/** `codexd/1.2.3 (linux; x64)` */
export function defaultUserAgent(version: string, platform: string, arch: string): string {
  return `codexd/${version} (${platform}; ${arch})`;
}

/**
 * For /transcribe alone, which belongs to ChatGPT's desktop app: other names meet a Cloudflare challenge there
 * (docs/wire/upstream.md#transcribe-request). Platform and architecture are the real ones, in the app's spelling.
 */
export function desktopIdentity(platform: string, arch: string): Omit<Identity, 'clientVersion'> {
  const os = { darwin: 'macos', win32: 'windows' }[platform] ?? platform;
  const cpu = { x64: 'x86_64', arm64: 'aarch64' }[arch] ?? arch;
  return { originator: 'Codex Desktop', userAgent: `Codex Desktop/26.429.30905 (${os}; ${cpu})` };
}

/** Headers of every request with a login. */
export function identityHeaders(identity: Identity, credentials: Credentials): Record<string, string> {
  return { ...loginHeaders(identity, credentials), version: identity.clientVersion };
}

/** All the headers that /transcribe gets: more of them make a challenge likelier (docs/wire/upstream.md#transcription). */
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
  /** The client's headers that the upstream should see. */
  forwardedHeaders: Record<string, string>;
}

export function turnHeaders(turn: TurnHeaders): Record<string, string> {
  const { [routingHint]: ownHint, ...forwardedHeaders } = turn.forwardedHeaders;
  return {
    accept: 'text/event-stream',
    'accept-encoding': 'zstd, gzip',
    'content-type': 'application/json',
    'session-id': turn.session,
    'thread-id': turn.session,
    'x-client-request-id': turn.session,
    [routingHint]: hintOf(turn, ownHint),
    ...forwardedHeaders,
    ...(turn.lite ? { 'x-openai-internal-codex-responses-lite': 'true' } : {}),
    ...(turn.routingOverride === undefined
      ? {}
      : { 'x-openai-account-routing-override': turn.routingOverride }),
  };
}

const routingHint = 'x-codex-routing-hint';

/** A Codex client's own hint is kept if it is about this model. */
function hintOf({ model, serviceTier }: TurnHeaders, own: string | undefined): string {
  const hint = `model=${model}`;
  if (own === hint || own?.startsWith(`${hint};`)) return own;
  return serviceTier === undefined ? hint : `${hint};tier=${serviceTier}`;
}

const fromAnyClient = new Set(['x-openai-subagent', 'x-openai-memgen-request']);
/** All of Codex's own, also those of later versions (docs/wire/upstream.md#codex-headers). */
const fromCodexClient = /^(?:x-codex-.+|x-openai-.+|thread-id|x-client-request-id)$/;
/** These depend on the account that codexd uses. */
const ofLogin = new Set(['x-openai-fedramp', 'x-openai-account-routing-override']);

/** The client's headers that go upstream. A Codex client's include its bookkeeping. */
export function headersToForward(headers: Headers): Record<string, string> {
  const isCodex = isCodexClient(headers);
  return Object.fromEntries(
    [...headers].filter(
      ([name]) => fromAnyClient.has(name) || (isCodex && fromCodexClient.test(name) && !ofLogin.has(name)),
    ),
  );
}

/**
 * The upstream's response headers that a Codex client reads: the model that answered, the turn state, the quota. Other
 * clients have no use for them and would learn about the account (docs/wire/upstream.md#server-identity).
 */
export function codexHeaders(client: Headers, response: Headers): Record<string, string> {
  if (!isCodexClient(client)) return {};
  return Object.fromEntries(
    [...response].filter(([name]) =>
      /^(?:openai-model|x-models-etag|x-reasoning-included|x-codex-.+)$/.test(name),
    ),
  );
}

const versionNumber = '(\\d{1,4}\\.\\d{1,4}\\.\\d{1,4}(?:-[\\w.]{1,32})?)';
const versionHeader = new RegExp(`^${versionNumber}$`);
/** The desktop app's own version numbers are not those of the protocol. */
const versionInAgent = new RegExp(`^codex[_-]\\w+/${versionNumber}(?=\\s|$)`);

/** A Codex client's version: its `version` header, or else the one in its user agent. */
export function codexVersion(headers: Headers): string | undefined {
  if (!isCodexClient(headers)) return undefined;
  const named = versionHeader.exec(headers.get('version') ?? '');
  return (named ?? versionInAgent.exec(headers.get('user-agent') ?? ''))?.[1];
}
