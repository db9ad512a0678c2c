// Looks up the owner of a personal access token (`at-…`), which contains no claims, as `codex login --with-access-token`
// does.
import { Failure } from '../failure.ts';
import type { Claims } from './jwt.ts';
import {
  type LoginServer,
  type LoginServerRequest,
  type LoginServerResponse,
  parseObject,
  responseFailure,
  send,
  stringAt,
} from './login-server.ts';

export function isPersonalToken(token: string): boolean {
  return token.startsWith('at-');
}

const action = 'look up the owner of the access token';

export async function whoami(server: LoginServer, token: string): Promise<Claims & { accountId: string }> {
  const request = whoamiRequest(server, token);
  return readWhoami(await send(server.fetch, request, action), request.secrets);
}

function whoamiRequest(server: LoginServer, token: string): LoginServerRequest {
  return {
    url: `${server.issuer}/api/accounts/v1/user-auth-credential/whoami`,
    init: {
      headers: {
        authorization: `Bearer ${token}`,
        originator: server.originator,
        'user-agent': server.userAgent,
      },
      redirect: 'error',
    },
    secrets: [token],
  };
}

function readWhoami(response: LoginServerResponse, secrets: string[]): Claims & { accountId: string } {
  if (response.status === 401) {
    throw new Failure('login_required', 'The login server rejected this personal access token.', {
      advice: 'Create a new token, or run `codexd login`.',
    });
  }
  if (response.status < 200 || response.status > 299)
    throw responseFailure(response, action, secrets, 'Try again.');
  const object = parseObject(response.body);
  const accountId = stringAt(object, 'chatgpt_account_id');
  if (!accountId) {
    throw new Failure('upstream_broke', 'The login server did not report the account of the access token.');
  }
  return {
    accountId,
    email: stringAt(object, 'email'),
    plan: stringAt(object, 'chatgpt_plan_type'),
    userId: stringAt(object, 'chatgpt_user_id'),
    fedramp: object?.chatgpt_account_is_fedramp === true,
  };
}
