// The upstream's refusals, with their exact statuses and bodies (docs/wire/upstream.md#refresh-errors, #body, #errors).

import { ExactNumber } from '../base/exact-json.ts';
import type { Fields } from '../base/object.ts';

/** Thrown by checks of a request, and sent by the server unchanged. A string body is sent as HTML. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: Fields | string,
    readonly headers: Record<string, string> = {},
  ) {
    super(`refused with ${status}`);
  }
}

/** The format of the ChatGPT front end. */
export function detail(text: string): Refusal {
  return new Refusal(400, { detail: text });
}

/** The format of the model API. */
export function invalid(message: string, param: string | null, code: string | null = null): Refusal {
  return new Refusal(400, { error: { message, type: 'invalid_request_error', param, code } });
}

export function unknownParameter(param: string): Refusal {
  return invalid(`Unknown parameter: '${param}'.`, param, 'unknown_parameter');
}

export function missing(param: string): Refusal {
  return invalid(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
}

export function wrongType(param: string, expected: string, value: unknown): Refusal {
  return invalid(
    `Invalid type for '${param}': expected ${expected}, but got ${kindOf(value)} instead.`,
    param,
    'invalid_type',
  );
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof ExactNumber) return 'a number';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function wrongValue(param: string, value: unknown, allowed: readonly string[]): Refusal {
  return invalid(
    `Invalid value: '${String(value)}'. Supported values are: ${listed(allowed)}.`,
    param,
    'invalid_value',
  );
}

export function tooLong(param: string, length: number, limit: number): Refusal {
  return invalid(
    `Invalid '${param}': string too long. Expected a string with maximum length ${limit}, but got a string with length ${length} instead.`,
    param,
    'string_above_max_length',
  );
}

/** 'a', 'b', and 'c'. */
export function listed(values: readonly string[]): string {
  const quoted = values.map((value) => `'${value}'`);
  if (quoted.length < 3) return quoted.join(' and ');
  return `${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}`;
}

/** The response to a refresh token or login that is no longer valid. */
function session(code: string, message: string): Refusal {
  return new Refusal(401, { error: { message, type: 'invalid_request_error', param: null, code } });
}

function overloaded(code: string): Refusal {
  const message = 'Our servers are currently overloaded. Please try again later.';
  return new Refusal(503, { error: { code, type: 'service_unavailable_error', message } });
}

const cloudflare = { server: 'cloudflare', 'content-type': 'text/html; charset=UTF-8' };

function page(status: number, title: string): Refusal {
  return new Refusal(
    status,
    `<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>cloudflare</center></body></html>`,
    cloudflare,
  );
}

/** The Cloudflare challenge (docs/wire/upstream.md#errors). */
export function challenge(): Refusal {
  return new Refusal(
    403,
    '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript and cookies to continue</noscript><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></body></html>',
    { ...cloudflare, 'cf-mitigated': 'challenge', 'cf-ray': '9a1b2c3d4e5f6a7b-OSL' },
  );
}

/** The response for paths that are not for clients. */
export function forbiddenPage(): Refusal {
  return page(403, '403 Forbidden');
}

export function notFound(): Refusal {
  return new Refusal(404, { detail: 'Not Found' });
}

/** Refusals that a script may select by name, whatever the request. */
export const refusals = {
  unauthorized: () => new Refusal(401, { detail: 'Unauthorized' }),
  token_expired: () =>
    new Refusal(401, {
      error: {
        message: 'Provided authentication token is expired. Please try signing in again.',
        code: 'token_expired',
      },
      status: 401,
    }),
  token_revoked: () =>
    new Refusal(401, {
      error: {
        message: 'Encountered invalidated oauth token for user, failing request',
        type: null,
        code: 'token_revoked',
        param: null,
      },
      status: 401,
    }),
  deactivated_workspace: () => new Refusal(402, { detail: { code: 'deactivated_workspace' } }),
  invalid_workspace_selected: () => new Refusal(403, { detail: { code: 'invalid_workspace_selected' } }),
  unsupported_country: () =>
    new Refusal(403, {
      error: {
        message: 'Country, region, or territory not supported',
        type: 'request_forbidden',
        param: null,
        code: 'unsupported_country_region_territory',
      },
    }),
  too_large: () => page(413, '413 Request Entity Too Large'),
  usage_limit_reached: (nowMs: number) =>
    new Refusal(429, {
      error: {
        type: 'usage_limit_reached',
        message: 'The usage limit has been reached',
        plan_type: 'plus',
        resets_at: Math.floor(nowMs / 1000) + 36_640,
        eligible_promo: null,
        resets_in_seconds: 36_640,
      },
    }),
  usage_not_included: () =>
    new Refusal(429, {
      error: {
        type: 'usage_not_included',
        message: 'To use Codex with your ChatGPT plan, upgrade to Plus.',
        plan_type: 'free',
      },
    }),
  rate_limit_exceeded: () =>
    new Refusal(429, {
      error: {
        message: 'Rate limit reached for requests. Please try again in 1.3s.',
        type: 'requests',
        param: null,
        code: 'rate_limit_exceeded',
      },
    }),
  context_length_exceeded: () =>
    invalid(
      'Your input exceeds the context window of this model. Please adjust your input and try again.',
      'input',
      'context_length_exceeded',
    ),
  invalid_encrypted_content: () => unverified('gAAA…'),
  no_active_organization: () => new Refusal(403, { detail: 'No active organization found' }),
  asr_error: () => new Refusal(500, { detail: 'Error in ASR API' }),
  internal_error: () =>
    new Refusal(500, {
      error: {
        message: 'An error occurred while processing your request.',
        type: 'server_error',
        param: null,
        code: 'server_error',
      },
    }),
  bad_gateway: () => page(502, '502 Bad Gateway'),
  server_is_overloaded: () => overloaded('server_is_overloaded'),
  slow_down: () => overloaded('slow_down'),
  websocket_connection_limit_reached: () =>
    invalid(
      'Responses websocket connection limit reached (60 minutes). Create a new websocket connection to continue.',
      null,
      'websocket_connection_limit_reached',
    ),
  refresh_token_expired: () =>
    session('refresh_token_expired', 'Your refresh token has expired. Please log in again.'),
  refresh_token_reused: () =>
    session(
      'refresh_token_reused',
      'Your refresh token has already been used to generate a new access token. Please try signing in again.',
    ),
  refresh_token_invalidated: () =>
    session('refresh_token_invalidated', 'Your session has ended. Please log in again.'),
  invalid_grant: () =>
    new Refusal(400, {
      error: 'invalid_grant',
      error_description: 'The grant is invalid or was used before.',
    }),
} satisfies Record<string, (nowMs: number) => Refusal>;

export type RefusalName = keyof typeof refusals;

/** For `encrypted_content` that was not issued to this account. The message quotes its two ends. */
export function unverified(content: string): Refusal {
  const quoted = content.length > 8 ? `${content.slice(0, 4)}...${content.slice(-4)}` : content;
  return invalid(`The encrypted content ${quoted} could not be verified.`, null, 'invalid_encrypted_content');
}

export function modelNotFound(slug: string): Refusal {
  return new Refusal(404, {
    error: {
      message: `The model \`${slug}\` does not exist or you do not have access to it.`,
      type: 'invalid_request_error',
      param: null,
      code: 'model_not_found',
    },
  });
}
