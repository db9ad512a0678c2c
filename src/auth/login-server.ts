// Requests to the login server and their responses, as plain values: building, sending and interpreting are separate (as in
// https://github.com/panva/oauth4webapi), so that interpreting is tested with tables.
import { clip } from '../base/clip.ts';
import { type Fields, isObject, nonEmptyString } from '../base/object.ts';
import { Failure } from '../failure.ts';
import { redact } from '../log/redact.ts';

/** A fetch already bound to the configured proxy and certificates. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** The login server, and how codexd identifies itself to it. */
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

/** A request that is built but not sent. */
export interface LoginServerRequest {
  url: string;
  init: RequestInit;
  /** Removed from messages, in case the server quotes them. */
  secrets: string[];
}

export interface LoginServerResponse {
  status: number;
  body: string;
  /** An HTML page instead of JSON: from a proxy or Cloudflare, not from the login server. */
  isHtml: boolean;
}

/** Requests to the login server are small; one that takes longer than this has failed. */
const timeoutMs = 30_000;

export const jsonType = 'application/json';
export const formType = 'application/x-www-form-urlencoded';

/**
 * A POST with the Codex CLI's content types. The CLI sends a `User-Agent` with refreshes only, but Bun's `fetch` cannot omit
 * it, so every request identifies codexd.
 */
export function postRequest(
  { userAgent }: LoginServer,
  { url, type, body, secrets, headers = {} }: PostRequestOptions,
): LoginServerRequest {
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

export interface PostRequestOptions {
  url: string;
  type: typeof jsonType | typeof formType;
  body: string;
  /** Removed from messages, in case the server quotes them. */
  secrets: string[];
  headers?: Record<string, string>;
}

/** Sends a request. `action` completes "Could not …", e.g. "refresh the login". Throws `timeout` or `upstream_unreachable`. */
export async function send(
  fetch: Fetch,
  request: LoginServerRequest,
  action: string,
  limitMs = timeoutMs,
): Promise<LoginServerResponse> {
  try {
    const response = await fetch(request.url, { ...request.init, signal: AbortSignal.timeout(limitMs) });
    const body = await response.text();
    const isHtml =
      response.headers.has('cf-mitigated') ||
      /^text\/html/i.test(response.headers.get('content-type') ?? '') ||
      /^\s*<(!doctype|html)/i.test(body);
    return { status: response.status, body, isHtml };
  } catch (thrown) {
    throw unreachable(thrown, action, new URL(request.url).host, limitMs);
  }
}

function unreachable(thrown: unknown, action: string, host: string, limitMs: number): Failure {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error.name === 'TimeoutError') {
    return new Failure(
      'timeout',
      `Could not ${action}: ${host} did not respond within ${limitMs / 1000} s.`,
      {
        cause: thrown,
      },
    );
  }
  const code = (error as { code?: unknown }).code;
  const why = typeof code === 'string' ? ` (${code})` : '';
  return new Failure('upstream_unreachable', `Could not ${action}: ${host} is not reachable${why}.`, {
    cause: thrown,
  });
}

/** The JSON object in `body`; undefined for anything else. */
export function parseObject(body: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `object[key]` if it is a string that is not empty. */
export function stringAt(object: Fields | undefined, key: string): string | undefined {
  return nonEmptyString(object?.[key]);
}

/** The server's error code: `error.code`, else `error`, else `code`. */
export function errorCode(body: string): string | undefined {
  const object = parseObject(body);
  const code = stringAt(errorObject(object), 'code') ?? stringAt(object, 'error') ?? stringAt(object, 'code');
  return code !== undefined && /^[a-z]\w{0,63}$/i.test(code) ? code : undefined; // never a token that the server quotes
}

/** The server's error message, safe to show: without tokens, one line, at most 300 characters. */
export function errorText(response: LoginServerResponse, secrets: string[]): string {
  if (isPage(response.body)) return 'a web page instead of an error message';
  const object = parseObject(response.body);
  const error = errorObject(object);
  const text =
    stringAt(object, 'error_description') ??
    stringAt(error, 'message') ??
    stringAt(object, 'error') ??
    stringAt(error, 'code') ??
    response.body;
  return sanitizeMessage(text, secrets) || 'no reason given';
}

/** Decided by the text: servers also declare plain text as HTML. */
function isPage(body: string): boolean {
  return /^\s*<(?:!doctype|html|head|body|\?xml)/i.test(body);
}

/** Text from a server, without secrets, line breaks and control characters, cut to 300 characters. */
export function sanitizeMessage(text: string, secrets: string[] = []): string {
  let out = text;
  for (const secret of secrets) if (secret !== '') out = out.replaceAll(secret, '[redacted]');
  out = redact(out)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
  return clip(out, 300);
}

/** The Failure for an unsuccessful response. `action` completes "Could not …". */
export function responseFailure(
  response: LoginServerResponse,
  action: string,
  secrets: string[],
  advice: string,
): Failure {
  if (response.isHtml && (response.status === 403 || response.status === 503)) {
    return new Failure(
      'upstream_refused',
      `Could not ${action}: Cloudflare blocked this network (${response.status}).`,
      {
        code: 'upstream_challenge',
        advice: 'Try from another network, or set a proxy with --proxy.',
      },
    );
  }
  const kind =
    response.status >= 500 ? 'upstream_broke' : response.status === 429 ? 'rate_limited' : 'upstream_refused';
  const message = `Could not ${action}: the login server responded with ${response.status}, ${errorText(response, secrets)}`;
  return new Failure(kind, endSentence(message), { code: errorCode(response.body), advice });
}

function endSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function errorObject(object: Fields | undefined): Fields | undefined {
  const error = object?.error;
  return isObject(error) ? error : undefined;
}
