// The issuer: browser login, device login, refresh and revocation (docs/wire/upstream.md#login, #device-login,
// #refresh).
import { type Fields, isObject } from '../base/object.ts';
import { type Account, clientId, type Identity, type LoginOptions } from './identity.ts';
import type { Random } from './random.ts';
import { Refusal, refusals } from './refusal.ts';
import type { Routes } from './routes.ts';
import type { ScriptedTurn } from './script.ts';

interface Grant {
  redirectUri: string;
  challenge: string;
  login: LoginOptions;
}

interface Device {
  userCode: string;
  /** Remaining polls to answer with "not yet". */
  pending: number;
}

export interface OAuthOptions {
  issuer: string;
  identity: Identity;
  random: Random;
  now: () => number;
  strictPort: boolean;
}

const neededScopes = ['openid', 'profile', 'email', 'offline_access'];

export class OAuth {
  private readonly grants = new Map<string, Grant>();
  private readonly devices = new Map<string, Device>();

  constructor(private readonly options: OAuthOptions) {}

  routes(): Routes {
    const { identity, issuer } = this.options;
    return {
      'GET /oauth/authorize': {
        name: 'oauth/authorize',
        answer: ({ query }, line) => this.authorize(query, line),
      },
      'POST /oauth/token': {
        name: 'oauth/token',
        answer: ({ body, contentType }) => this.token(body, contentType),
      },
      'POST /oauth/revoke': { name: 'oauth/revoke', answer: ({ body }) => this.revoke(body) },
      'POST /api/accounts/deviceauth/usercode': {
        name: 'deviceauth/usercode',
        answer: ({ body }) => this.deviceCode(body),
      },
      'POST /api/accounts/deviceauth/token': {
        name: 'deviceauth/token',
        answer: ({ body }) => this.deviceToken(body),
      },
      'GET /codex/device': {
        name: 'device-page',
        answer: () => page(`Simulated sign-in at ${issuer}: no confirmation is needed.`),
      },
      'GET /api/accounts/v1/user-auth-credential/whoami': {
        name: 'whoami',
        answer: ({ headers }) => whoami(identity.authenticate(headers.authorization)),
      },
    };
  }

  /** Consents immediately: redirects to the callback, or with an error if scripted. */
  private authorize(query: Record<string, string>, line: ScriptedTurn | undefined): Response {
    this.checkAuthorize(query);
    const callback = new URL(query.redirect_uri!);
    const answer: Record<string, unknown> = line?.error
      ? { error: line.error, state: query.state, ...line.merge }
      : { code: this.grant(query), state: line?.state ?? query.state, ...line?.merge };
    for (const [key, value] of Object.entries(answer)) {
      if (!line?.omit?.includes(key)) callback.searchParams.set(key, String(value));
    }
    return new Response(null, { status: 302, headers: { location: callback.href } });
  }

  /** Three grants. The code grant is sent as a form, a refresh as JSON or a form. */
  private token(body: unknown, contentType: string): Fields {
    const fields = isObject(body) ? body : {};
    if (fields.client_id !== clientId) throw refused('invalid_client', 'Unknown client.', 401);
    switch (fields.grant_type) {
      case 'authorization_code':
        if (!contentType.startsWith('application/x-www-form-urlencoded')) {
          throw refused('invalid_request', 'The token request must be a form.');
        }
        return this.exchange(fields);
      case 'refresh_token':
        return this.options.identity.refresh(String(fields.refresh_token));
      case 'urn:ietf:params:oauth:grant-type:token-exchange':
        throw noApiKey();
      default:
        throw refused('unsupported_grant_type', `Grant type ${String(fields.grant_type)} is not supported.`);
    }
  }

  private revoke(body: unknown): Response {
    if (isObject(body) && typeof body.token === 'string') this.options.identity.revoke(body.token);
    return new Response(null, { status: 200 });
  }

  private deviceCode(body: unknown): Fields {
    if (!isObject(body) || body.client_id !== clientId)
      throw refused('invalid_client', 'Unknown client.', 401);
    const { random, now } = this.options;
    const userCode = `${random.letters(4)}-${random.letters(5)}`.toUpperCase();
    const id = `deviceauth_${random.hex(24)}`;
    this.devices.set(id, { userCode, pending: 1 });
    return {
      device_auth_id: id,
      user_code: userCode,
      interval: '1',
      expires_at: new Date(now() + 15 * 60_000).toISOString(),
    };
  }

  /** The user consents after the first poll; a script may add further polls. */
  private deviceToken(body: unknown): Fields {
    const params = isObject(body) ? body : {};
    const device = this.devices.get(String(params.device_auth_id));
    if (!device || device.userCode !== params.user_code) throw new Refusal(404, { detail: 'Not Found' });
    if (device.pending-- > 0) {
      throw new Refusal(403, { error: { message: 'Authorization pending.', code: 'authorization_pending' } });
    }
    this.devices.delete(String(params.device_auth_id));
    const verifier = this.options.random.letters(86);
    const challenge = challengeOf(verifier);
    const redirectUri = `${this.options.issuer}/deviceauth/callback`;
    return {
      authorization_code: this.code({ redirectUri, challenge, login: {} }),
      code_challenge: challenge,
      code_verifier: verifier,
    };
  }

  private checkAuthorize(query: Record<string, string>): void {
    const scopes = (query.scope ?? '').split(' ');
    const rules: Record<string, boolean> = {
      response_type: query.response_type === 'code',
      client_id: query.client_id === clientId,
      redirect_uri: this.isCallback(query.redirect_uri ?? ''),
      code_challenge: /^[\w-]{43}$/.test(query.code_challenge ?? ''),
      code_challenge_method: query.code_challenge_method === 'S256',
      state: (query.state ?? '').length >= 16,
      scope: neededScopes.every((scope) => scopes.includes(scope)),
      id_token_add_organizations: query.id_token_add_organizations === 'true',
      codex_cli_simplified_flow: query.codex_cli_simplified_flow === 'true',
      originator: Boolean(query.originator),
    };
    const wrong = Object.keys(rules).find((name) => !rules[name]);
    if (wrong) throw refused('invalid_request', `Parameter ${wrong} is missing or not allowed.`);
  }

  private isCallback(uri: string): boolean {
    const [, port] = /^http:\/\/(?:localhost|127\.0\.0\.1):(\d+)\/auth\/callback$/.exec(uri) ?? [];
    return port !== undefined && (!this.options.strictPort || port === '1455' || port === '1457');
  }

  private grant(query: Record<string, string>): string {
    const workspace = query.allowed_workspace_id?.split(',')[0];
    return this.code({
      redirectUri: query.redirect_uri!,
      challenge: query.code_challenge!,
      login: workspace === undefined ? {} : { accountId: workspace },
    });
  }

  private code(grant: Grant): string {
    const code = `ac_${this.options.random.letters(40)}`;
    this.grants.set(code, grant);
    return code;
  }

  /** A code works once, with its redirect URL and the verifier of its challenge. */
  private exchange(fields: Fields): Fields {
    const grant = this.grants.get(String(fields.code));
    this.grants.delete(String(fields.code));
    if (!grant || grant.redirectUri !== fields.redirect_uri) throw refusals.invalid_grant();
    if (challengeOf(String(fields.code_verifier)) !== grant.challenge) throw refusals.invalid_grant();
    return this.options.identity.tokenAnswer(grant.login);
  }
}

/** Base64url of the SHA-256 of a verifier. */
function challengeOf(verifier: string): string {
  return new Bun.CryptoHasher('sha256').update(verifier).digest('base64url');
}

function page(text: string): Response {
  return new Response(`<!doctype html><p>${text}`, {
    headers: { 'content-type': 'text/html; charset=utf-8' },
  });
}

function whoami({ accountId, email, plan, userId }: Account): Fields {
  return {
    email,
    chatgpt_user_id: userId,
    chatgpt_account_id: accountId,
    chatgpt_plan_type: plan,
    chatgpt_account_is_fedramp: false,
  };
}

function refused(error: string, description: string, status = 400): Refusal {
  return new Refusal(status, { error, error_description: description });
}

/** A personal account does not get an API key (docs/wire/upstream.md#api-key-exchange). */
function noApiKey(): Refusal {
  return new Refusal(401, {
    error: {
      message: 'Invalid ID token: missing organization_id',
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_subject_token',
    },
  });
}
