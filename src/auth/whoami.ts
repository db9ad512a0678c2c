// Whose a personal access token (`at-…`) is: it carries no claims, so the server is asked, as
// `codex login --with-access-token` does.
import { Failure } from '../failure.ts';
import type { Claims } from './jwt.ts';
import { type Answer, jsonObject, type LoginServer, type Outgoing, refusal, send, textAt } from './wire.ts';

export function isPersonalToken(token: string): boolean {
  return token.startsWith('at-');
}

const act = 'look up the owner of the access token';

export async function whoami(server: LoginServer, token: string): Promise<Claims & { accountId: string }> {
  const request = whoamiRequest(server, token);
  return readWhoami(await send(server.fetch, request, act), request.secrets);
}

function whoamiRequest(server: LoginServer, token: string): Outgoing {
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

function readWhoami(answer: Answer, secrets: string[]): Claims & { accountId: string } {
  if (answer.status === 401) {
    throw new Failure('login_required', 'The login server does not accept this personal access token.', {
      advice: 'Make a new token, or run `codexd login`.',
    });
  }
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, act, secrets, 'Try again.');
  const object = jsonObject(answer.body);
  const accountId = textAt(object, 'chatgpt_account_id');
  if (!accountId) {
    throw new Failure(
      'upstream_broke',
      'The login server did not say which account the access token is for.',
    );
  }
  return {
    accountId,
    email: textAt(object, 'email'),
    plan: textAt(object, 'chatgpt_plan_type'),
    userId: textAt(object, 'chatgpt_user_id'),
    fedramp: object?.chatgpt_account_is_fedramp === true,
  };
}
