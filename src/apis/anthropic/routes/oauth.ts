// The login of Claude Code to codexd as its gateway (docs/wire/anthropic.md#gateway-login): OAuth metadata, device flow,
// refresh and revocation. Errors are OAuth's (RFC 6749 5.2).
import type { Failure } from '../../../failure.ts';
import { codeLifetimeSeconds, pollSeconds } from '../../../gateway/device-codes.ts';
import type { LoginTokens } from '../../../gateway/logins.ts';
import type { FailureResponse } from '../../../responses/translator.ts';
import { readFields } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { ownOrigin } from '../../../server/own-origin.ts';
import { retryAfter, withAdvice } from '../../advice.ts';
import type { Endpoint } from '../../api.ts';
import type { GatewayServices } from '../../services.ts';

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
const paths = { authorize: '/oauth/device_authorization', token: '/oauth/token', revoke: '/oauth/revoke' };
const bodyLimitBytes = 16 * 1024;

const form = ['application/x-www-form-urlencoded'];
const open = { open: true, failure: oauthFailure, accepts: form } as const;
const summary = "Claude Code's `/login` to codexd as its gateway, instead of variables in the shell";

export const oauthEndpoints: readonly Endpoint[] = [
  { path: '/.well-known/oauth-authorization-server', ...open, summary, methods: () => ({ GET: metadata }) },
  { path: paths.authorize, ...open, summary, methods: ({ gateway }) => ({ POST: start(gateway) }) },
  { path: paths.token, ...open, summary, methods: ({ gateway }) => ({ POST: grant(gateway) }) },
  { path: paths.revoke, ...open, summary, methods: ({ gateway }) => ({ POST: revoke(gateway) }) },
];

/** RFC 8414. */
function metadata({ request }: Exchange): Response {
  const issuer = ownOrigin(request);
  return json({
    issuer,
    device_authorization_endpoint: issuer + paths.authorize,
    token_endpoint: issuer + paths.token,
    revocation_endpoint: issuer + paths.revoke,
    grant_types_supported: [deviceGrant, 'refresh_token'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: ['none'],
  });
}

function start({ codes, starts }: GatewayServices) {
  return async (exchange: Exchange): Promise<Response> => {
    const { client_id: clientId } = await readFields(exchange, bodyLimitBytes);
    starts.check(exchange.address);
    starts.count(exchange.address);
    const { deviceCode, userCode } = codes.start(clientId);
    const page = `${ownOrigin(exchange.request)}/device`;
    return json({
      device_code: deviceCode,
      user_code: userCode,
      verification_uri: page,
      verification_uri_complete: `${page}?user_code=${userCode}`,
      expires_in: codeLifetimeSeconds,
      interval: pollSeconds,
    });
  };
}

function grant(gateway: GatewayServices) {
  return async (exchange: Exchange): Promise<Response> => {
    const fields = await readFields(exchange, bodyLimitBytes);
    switch (fields.grant_type) {
      case deviceGrant:
        return grantDevice(gateway, fields);
      case 'refresh_token':
        return grantRefresh(gateway, fields);
      case undefined:
        return oauthError(400, 'invalid_request', 'The field grant_type is missing.');
      default:
        return oauthError(400, 'unsupported_grant_type', 'Use a device code or a refresh token.');
    }
  };
}

type FormFields = Record<string, string | undefined>;

function grantDevice(gateway: GatewayServices, { device_code: code, client_id }: FormFields): Response {
  if (code === undefined) return oauthError(400, 'invalid_request', 'The field device_code is missing.');
  const result = gateway.codes.poll(code, client_id);
  if (typeof result === 'string') return oauthError(400, result, pollErrors[result]);
  return tokens(gateway, gateway.logins.start(result.approved, gateway.tokenSeconds * 1000));
}

const pollErrors = {
  authorization_pending: 'The login waits for its user.',
  slow_down: `Wait ${pollSeconds} seconds between requests.`,
  access_denied: 'The user denied the login.',
  expired_token: 'The code has expired. Start the login again.',
  invalid_grant: 'The code is not valid. Start the login again.',
};

function grantRefresh(gateway: GatewayServices, { refresh_token: token }: FormFields): Response {
  if (token === undefined) return oauthError(400, 'invalid_request', 'The field refresh_token is missing.');
  const renewed = gateway.logins.refresh(token, gateway.tokenSeconds * 1000);
  if (renewed !== undefined) return tokens(gateway, renewed);
  // With this status, Claude Code asks its user to log in again.
  return oauthError(401, 'invalid_grant', 'The login has ended. Log in again.');
}

function tokens({ tokenSeconds }: GatewayServices, { accessToken, refreshToken }: LoginTokens): Response {
  return json({
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: tokenSeconds,
    refresh_token: refreshToken,
  });
}

/** RFC 7009: 200 for an unknown token, too. */
function revoke({ logins }: GatewayServices) {
  return async (exchange: Exchange): Promise<Response> => {
    const { token } = await readFields(exchange, bodyLimitBytes);
    if (token === undefined) return oauthError(400, 'invalid_request', 'The field token is missing.');
    logins.revoke(token);
    return json({});
  };
}

function oauthError(status: number, error: string, description: string): Response {
  return json({ error, error_description: description }, status);
}

function json(body: object, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', 'x-should-retry': 'false' } });
}

function oauthFailure(failure: Failure): FailureResponse {
  const { status } = failure;
  return {
    status,
    headers: { ...retryAfter(failure), 'cache-control': 'no-store' },
    body: { error: errorOf(failure), error_description: withAdvice(failure) },
  };
}

function errorOf({ status, code }: Failure): string {
  if (status === 429) return 'slow_down';
  if (status === 503) return 'temporarily_unavailable';
  if (status >= 500) return 'server_error';
  return code === 'too_many_keys' || status === 403 ? 'access_denied' : 'invalid_request';
}
