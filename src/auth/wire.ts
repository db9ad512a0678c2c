// One request to the login server and its answer, as plain values, so that asking and judging stay apart
// (as in https://github.com/panva/oauth4webapi) and judging is tested with tables.
import { Failure } from '../failure.ts';
import { redact } from '../log/redact.ts';

/** A fetch already bound to the configured proxy and certificates. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Where logins are made and who asks. */
export interface LoginServer {
  /** Without a trailing slash, e.g. `https://auth.openai.com`. */
  issuer: string;
  clientId: string;
  /** Where refreshes go instead of `{issuer}/oauth/token` (`CODEX_REFRESH_TOKEN_URL_OVERRIDE`). */
  refreshUrl?: string;
  originator: string;
  userAgent: string;
  fetch: Fetch;
}

/** A request that was built but not sent. */
export interface Outgoing {
  url: string;
  init: RequestInit;
  /** What must not be repeated in a message, should the server quote it back. */
  secrets: string[];
}

export interface Answer {
  status: number;
  body: string;
  /** An HTML page stood where JSON was due: a proxy's or Cloudflare's, not the login server's. */
  html: boolean;
}

/** Every exchange with the login server is small; one that takes longer than this is lost. */
const timeoutMs = 30_000;

export const jsonType = 'application/json';
export const formType = 'application/x-www-form-urlencoded';

/**
 * A POST in the Codex CLI's content types. The CLI sends no `User-Agent` but with refreshes; Bun's `fetch` cannot leave it
 * out, and an empty one is what only a faulty client sends, so every call says who we are.
 */
export function post(
  { userAgent }: LoginServer,
  { url, type, body, secrets, headers = {} }: PostOptions,
): Outgoing {
  return {
    url,
    init: {
      method: 'POST',
      headers: { 'content-type': type, 'user-agent': userAgent, ...headers },
      body,
      redirect: 'error',
    },
    secrets,
  };
}

export interface PostOptions {
  url: string;
  type: typeof jsonType | typeof formType;
  body: string;
  /** What must not be repeated in a message, should the server quote it back. */
  secrets: string[];
  headers?: Record<string, string>;
}

/** Sends; `act` is what failed when nothing comes back, e.g. "refresh the login". */
export async function send(
  fetch: Fetch,
  outgoing: Outgoing,
  act: string,
  limitMs = timeoutMs,
): Promise<Answer> {
  try {
    const response = await fetch(outgoing.url, { ...outgoing.init, signal: AbortSignal.timeout(limitMs) });
    const body = await response.text();
    const html =
      response.headers.has('cf-mitigated') ||
      /^text\/html/i.test(response.headers.get('content-type') ?? '') ||
      /^\s*<(!doctype|html)/i.test(body);
    return { status: response.status, body, html };
  } catch (thrown) {
    throw unreachable(thrown, act, new URL(outgoing.url).host, limitMs);
  }
}

function unreachable(thrown: unknown, act: string, host: string, limitMs: number): Failure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.name === 'TimeoutError') {
    return new Failure('timeout', `Could not ${act}: ${host} did not answer within ${limitMs / 1000} s.`, {
      cause: thrown,
    });
  }
  const code = (error as { code?: unknown }).code;
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new Failure('upstream_unreachable', `Could not ${act}: ${host} is not reachable${why}.`, {
    cause: thrown,
  });
}

/** A JSON object, or undefined for everything else a server may have put there. */
export function jsonObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** `object[key]` when it is a string that says something. */
export function textAt(object: Record<string, unknown> | undefined, key: string): string | undefined {
  const value = object?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The server's word for what is wrong: `error.code`, else `error`, else `code`. */
export function errorCode(body: string): string | undefined {
  const object = jsonObject(body);
  const code = textAt(nested(object), 'code') ?? textAt(object, 'error') ?? textAt(object, 'code');
  return code !== undefined && /^[a-z]\w{0,63}$/i.test(code) ? code : undefined; // no token that was quoted back
}

/** The server's sentence, fit to be shown: no tokens, one line, not a novel. */
export function errorText(answer: Answer, secrets: string[]): string {
  if (isPage(answer.body)) return 'a web page instead of an error message';
  const object = jsonObject(answer.body);
  const error = nested(object);
  const said =
    textAt(object, 'error_description') ??
    textAt(error, 'message') ??
    textAt(object, 'error') ??
    textAt(error, 'code') ??
    answer.body;
  return presentable(said, secrets) || 'no reason given';
}

/** Servers declare plain text as HTML, too: only the text tells. */
function isPage(body: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(body);
}

/** Somebody else's text without our secrets, line breaks and control characters, cut to a line. */
export function presentable(text: string, secrets: string[] = []): string {
  let out = text;
  for (const secret of secrets) if (secret !== '') out = out.replaceAll(secret, '[redacted]');
  out = redact(out)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return out.length > 300 ? `${out.slice(0, 299)}…` : out;
}

/** What a bad answer means for somebody who is logging in. */
export function refusal(answer: Answer, act: string, secrets: string[], advice: string): Failure {
  if (answer.html && (answer.status === 403 || answer.status === 503)) {
    return new Failure(
      'upstream_refused',
      `Could not ${act}: Cloudflare refused this network (${answer.status}).`,
      {
        code: 'upstream_challenge',
        advice: 'Try from another network, or set a proxy with --proxy.',
      },
    );
  }
  const kind =
    answer.status >= 500 ? 'upstream_broke' : answer.status === 429 ? 'rate_limited' : 'upstream_refused';
  const message = `Could not ${act}: the login server answered ${answer.status}, ${errorText(answer, secrets)}`;
  return new Failure(kind, sentence(message), { code: errorCode(answer.body), advice });
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function nested(object: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  const error = object?.error;
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : undefined;
}
