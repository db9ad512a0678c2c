// What the tokens say about their owner (RFC 7519). The signature is the server's business: we
// only read what we were handed, and a token that cannot be read is a token without claims.

export interface Claims {
  email?: string;
  /** Open set: `free`, `plus`, `pro`, `team`, … */
  plan?: string;
  userId?: string;
  accountId?: string;
  fedramp: boolean;
  expiresAtMs?: number;
}

const none: Claims = { fedramp: false };

/** The claims of one JWT; of anything else, none. */
export function readClaims(token: string | null | undefined): Claims {
  const payload = payloadOf(token);
  if (!payload) return none;
  const auth = record(payload['https://api.openai.com/auth']);
  const profile = record(payload['https://api.openai.com/profile']);
  const exp = payload.exp;
  return {
    email: text(payload.email) ?? text(profile.email),
    plan: text(auth.chatgpt_plan_type),
    userId: text(auth.chatgpt_user_id) ?? text(auth.user_id),
    accountId: text(auth.chatgpt_account_id),
    fedramp: auth.chatgpt_account_is_fedramp === true,
    expiresAtMs: typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined,
  };
}

/**
 * Who a pair of tokens belongs to. The access token decides, because it is the one that is sent and a refresh may leave
 * the id token as it was; the id token fills what it does not say.
 */
export function claimsOf(tokens: { access_token?: string | null; id_token?: string | null }): Claims {
  const access = readClaims(tokens.access_token);
  const id = readClaims(tokens.id_token);
  return {
    email: access.email ?? id.email,
    plan: access.plan ?? id.plan,
    userId: access.userId ?? id.userId,
    accountId: access.accountId ?? id.accountId,
    fedramp: access.fedramp || id.fedramp,
    expiresAtMs: access.expiresAtMs,
  };
}

function payloadOf(token: string | null | undefined): Record<string, unknown> | undefined {
  const part = token?.split('.')[1];
  if (!part) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(part, { alphabet: 'base64url' });
    const payload: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
