// `/device`, where a user approves the login of Claude Code (docs/wire/anthropic.md#gateway-login). A browser cannot send an
// API key as a header, so the page needs none, and asks for one before it approves.
import { asFailure } from '../../../failure.ts';
import type { WaitingLogin } from '../../../gateway/device-codes.ts';
import { readFields } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { isFromOwnPage } from '../../../server/own-origin.ts';
import type { Handler } from '../../../server/router.ts';
import { withAdvice } from '../../advice.ts';
import type { Endpoint } from '../../api.ts';
import type { GatewayServices } from '../../services.ts';
import { codePage, consentPage, messagePage } from './device-page.ts';

const bodyLimitBytes = 16 * 1024;

export const devicePage: Endpoint = {
  path: '/device',
  open: true,
  summary: 'the page on which you approve the login of Claude Code',
  accepts: ['application/x-www-form-urlencoded'],
  returns: ['text/html'],
  methods: ({ gateway }) => ({
    GET: withPages((exchange) => show(exchange, gateway)),
    POST: withPages((exchange) => decide(exchange, gateway)),
  }),
};

function show(exchange: Exchange, gateway: GatewayServices): Response {
  if (gateway.approval() === 'unavailable') return noKeys();
  const userCode = exchange.query.get('user_code');
  if (userCode === null) return codePage();
  const login = waitingLogin(exchange, gateway, userCode);
  return login === undefined ? unknownCode() : consent(login, gateway);
}

async function decide(exchange: Exchange, gateway: GatewayServices): Promise<Response> {
  if (!isFromOwnPage(exchange.request)) return foreignPage();
  const { user_code = '', form_token, decision, key = '' } = await readFields(exchange, bodyLimitBytes);
  const approval = gateway.approval();
  if (approval === 'unavailable') return noKeys();
  const login = waitingLogin(exchange, gateway, user_code);
  if (login === undefined) return unknownCode();
  if (form_token !== login.formToken) return foreignPage();
  if (decision === 'denied') {
    login.decide('denied');
    return messagePage('Denied', 'Claude Code was not logged in. You can close this window.');
  }
  if (decision !== 'approved') return consent(login, gateway);
  if (approval === 'key' && !gateway.mayApprove(key)) {
    gateway.guesses.count(exchange.address);
    return consent(login, gateway, wrongKey);
  }
  login.decide('approved');
  return messagePage('Approved', 'Claude Code is logged in. You can close this window and go back to it.');
}

/** Every miss counts against the address, so that nobody can guess codes. */
function waitingLogin(
  { address }: Exchange,
  { codes, guesses }: GatewayServices,
  userCode: string,
): WaitingLogin | undefined {
  guesses.check(address);
  const login = codes.waitingFor(userCode);
  if (login === undefined) guesses.count(address);
  return login;
}

const wrongKey =
  'This key cannot approve a login. Enter one of the daemon’s own keys that has no limits, not the key of another login.';

function consent(
  { userCode, formToken }: WaitingLogin,
  gateway: GatewayServices,
  problem?: string,
): Response {
  const asksForKey = gateway.approval() === 'key';
  if (problem === undefined) return consentPage({ userCode, formToken, asksForKey });
  return consentPage({ userCode, formToken, asksForKey, problem }, 403);
}

function unknownCode(): Response {
  return codePage('No login is waiting for this code. It may have expired: run /login again.', 404);
}

function foreignPage(): Response {
  return messagePage('Not approved', 'The form was submitted by another page. Open the link again.', 403);
}

function noKeys(): Response {
  return messagePage(
    'Not available',
    'This daemon accepts calls from other machines without an API key, so anyone could approve a login. Set `server.api_key`.',
    403,
  );
}

/** People read these failures in a browser. */
function withPages(handler: Handler): Handler {
  return async (exchange, params) => {
    try {
      return await handler(exchange, params);
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.kind === 'bug' || failure.kind === 'cancelled') throw thrown;
      const { kind, code, status } = failure;
      exchange.note({ failure: { kind, code } });
      return messagePage('Not approved', withAdvice(failure), status);
    }
  };
}
