// Logins: tokens (docs/wire/upstream.md#code-exchange, #jwt), sessions, rotation, revocation.
import type { Fields } from '../base/object.ts';
import type { Random } from './random.ts';
import { refusals } from './refusal.ts';

export const clientId = 'app_EMoamEEZ73f0CkXaXp7hrann';
const scopes = 'openid profile email offline_access api.connectors.read api.connectors.invoke';
const accessLifeS = 864_000;

export interface LoginOptions {
  accountId?: string;
  email?: string;
  plan?: string;
  /** Lifetime of the access token; negative for one that has already expired. Ten days by default. */
  expiresInS?: number;
  userId?: string;
}

export interface Tokens {
  id_token: string;
  access_token: string;
  refresh_token: string;
}

export interface Account {
  accountId: string;
  email: string;
  plan: string;
  userId: string;
}

interface Session {
  id: string;
  account: Account;
  /** The only valid refresh token; earlier ones are used up. */
  refreshToken: string;
  dead: boolean;
}

export interface IdentityOptions {
  issuer: string;
  now: () => number;
  random: Random;
  /**
   * Using an old refresh token ends the whole session, as sometimes happens (docs/wire/upstream.md#refresh-single-use).
   */
  reuseKillsSession: boolean;
}

export class Identity {
  private readonly sessions = new Map<string, Session>();
  /** All refresh tokens and personal tokens issued so far, with their sessions. */
  private readonly tokens = new Map<string, Session>();
  private readonly secret: string;

  constructor(private readonly options: IdentityOptions) {
    this.secret = options.random.hex(32);
  }

  login(login: LoginOptions = {}): Tokens {
    const session = this.open(login);
    return this.issue(session, login.expiresInS ?? accessLifeS);
  }

  /** A personal access token (`at-…`). */
  personalToken(login: LoginOptions = {}): string {
    const token = `at-${this.options.random.letters(48)}`;
    this.tokens.set(token, this.open(login));
    return token;
  }

  /**
   * The account of a request's bearer token. Throws the upstream's refusal if it is invalid
   * (docs/wire/upstream.md#errors).
   */
  authenticate(authorization: string | undefined): Account {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw refusals.unauthorized();
    const session = token.startsWith('at-') ? this.tokens.get(token) : this.sessionOf(token);
    if (!session) throw refusals.unauthorized();
    if (session.dead) throw refusals.token_revoked();
    return session.account;
  }

  /** The token endpoint's response to a login (docs/wire/upstream.md#code-exchange). */
  tokenAnswer(login: LoginOptions): Fields {
    return this.applyScriptedHeaders(this.login(login), login.expiresInS ?? accessLifeS);
  }

  /**
   * The token endpoint's response to a refresh: the token rotates, and a used one is refused
   * (docs/wire/upstream.md#refresh-errors).
   */
  refresh(token: string): Fields {
    const session = this.tokens.get(token);
    if (!session || token.startsWith('at-')) throw refusals.invalid_grant();
    if (session.dead) throw refusals.refresh_token_invalidated();
    if (session.refreshToken !== token) {
      if (this.options.reuseKillsSession) session.dead = true;
      throw refusals.refresh_token_reused();
    }
    return this.applyScriptedHeaders(this.issue(session, accessLifeS), accessLifeS);
  }

  /** Ends the session of this access, refresh or personal token; unknown tokens are ignored. */
  revoke(token: string): void {
    const session = this.tokens.get(token) ?? this.sessions.get(String(this.claims(token)?.session_id));
    if (session) session.dead = true;
  }

  private open(login: LoginOptions): Session {
    const { random } = this.options;
    const account: Account = {
      accountId: login.accountId ?? '1f0c2a9e-0000-4000-8000-000000000001',
      email: login.email ?? 'a@example.com',
      plan: login.plan ?? 'plus',
      userId: login.userId ?? 'user-Simulated0000000000001',
    };
    const session = { id: `authsess_${random.letters(24)}`, account, refreshToken: '', dead: false };
    this.sessions.set(session.id, session);
    return session;
  }

  private issue(session: Session, expiresInS: number): Tokens {
    session.refreshToken = `rt.1.${this.options.random.letters(191)}`;
    this.tokens.set(session.refreshToken, session);
    return {
      id_token: this.sign(this.idClaims(session)),
      access_token: this.sign(this.accessClaims(session, expiresInS)),
      refresh_token: session.refreshToken,
    };
  }

  private applyScriptedHeaders(tokens: Tokens, expiresInS: number): Fields {
    return {
      access_token: tokens.access_token,
      token_type: 'Bearer',
      expires_in: expiresInS,
      scope: scopes,
      id_token: tokens.id_token,
      earliest_refresh_at: Math.floor(this.options.now() / 1000) + 777_600,
      refresh_token: tokens.refresh_token,
      oai_is: `ois1.${this.options.random.letters(40)}`,
    };
  }

  private sessionOf(token: string): Session | undefined {
    const claims = this.claims(token);
    if (!claims || !Array.isArray(claims.aud) || claims.aud[0] !== 'https://api.openai.com/v1') return;
    if (Number(claims.exp) * 1000 <= this.options.now()) throw refusals.token_expired();
    return this.sessions.get(String(claims.session_id));
  }

  private accessClaims({ id, account }: Session, expiresInS: number): Fields {
    const issuedAt = Math.floor(this.options.now() / 1000);
    return {
      aud: ['https://api.openai.com/v1'],
      client_id: clientId,
      exp: issuedAt + expiresInS,
      'https://api.openai.com/auth': {
        amr: ['pwd'],
        chatgpt_account_id: account.accountId,
        chatgpt_account_user_id: `${account.userId}__${account.accountId}`,
        chatgpt_compute_residency: 'no_constraint',
        chatgpt_plan_type: account.plan,
        chatgpt_user_id: account.userId,
        localhost: true,
        poid: 'org-Simulated',
        user_id: account.userId,
      },
      'https://api.openai.com/profile': { email: account.email, email_verified: true, name: 'Sim Ulated' },
      iat: issuedAt,
      iss: this.options.issuer,
      jti: this.options.random.uuid(),
      nbf: issuedAt,
      scp: scopes.split(' '),
      session_id: id,
      sub: 'auth0|simulated',
    };
  }

  private idClaims({ id, account }: Session): Fields {
    const issuedAt = Math.floor(this.options.now() / 1000);
    const day = (offset: number) => new Date((issuedAt + offset * 86_400) * 1000).toISOString();
    return {
      aud: [clientId],
      email: account.email,
      email_verified: true,
      auth_provider: 'password',
      exp: issuedAt + 3600,
      'https://api.openai.com/auth': {
        chatgpt_account_id: account.accountId,
        chatgpt_plan_type: account.plan,
        chatgpt_subscription_active_start: day(-10),
        chatgpt_subscription_active_until: day(20),
        chatgpt_subscription_last_checked: day(0),
        chatgpt_user_id: account.userId,
        groups: [],
        organizations: [{ id: 'org-Simulated', is_default: true, role: 'owner', title: 'Personal' }],
        user_id: account.userId,
      },
      iat: issuedAt,
      iss: this.options.issuer,
      sid: id,
      sub: 'auth0|simulated',
    };
  }

  /**
   * A JWT with the usual three parts. Its signature is the simulator's own, so another simulator does not accept it.
   */
  private sign(claims: Fields): string {
    const head = base64url({ alg: 'RS256', kid: 'simulated', typ: 'JWT' });
    const body = base64url(claims);
    return `${head}.${body}.${this.signature(`${head}.${body}`)}`;
  }

  private claims(token: string): Fields | undefined {
    const [head, body, signature] = token.split('.');
    if (!body || signature !== this.signature(`${head}.${body}`)) return undefined;
    return JSON.parse(Buffer.from(body, 'base64url').toString()) as Fields;
  }

  private signature(text: string): string {
    return new Bun.CryptoHasher('sha256', this.secret).update(text).digest('base64url');
  }
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
