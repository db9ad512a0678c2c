// Reads the claims of tokens (RFC 7519). Signatures are not verified: tokens come from the login server or the user's own
// files, and only servers rely on them. A token that cannot be parsed has no claims.
import { type Fields, isObject, nonEmptyString } from '../base/object.ts';

export interface Claims {
  email?: string;
  /** Open set: `free`, `plus`, `pro`, `team`, … */
  plan?: string;
  userId?: string;
  accountId?: string;
  fedramp: boolean;
  expiresAtMs?: number;
}

const noClaims: Claims = { fedramp: false };

/** The claims of a JWT; empty for anything else. */
export function readClaims(token: string | null | undefined): Claims {
  const payload = payloadOf(token);
  if (!payload) return noClaims;
  const auth = fieldsOf(payload['https://api.openai.com/auth']);
  const profile = fieldsOf(payload['https://api.openai.com/profile']);
  const exp = payload.exp;
  return {
    email: nonEmptyString(payload.email) ?? nonEmptyString(profile.email),
    plan: nonEmptyString(auth.chatgpt_plan_type),
    userId: nonEmptyString(auth.chatgpt_user_id) ?? nonEmptyString(auth.user_id),
    accountId: nonEmptyString(auth.chatgpt_account_id),
    fedramp: auth.chatgpt_account_is_fedramp === true,
    expiresAtMs: typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined,
  };
}

/**
 * The claims of a pair of tokens. Those of the access token take precedence, because it is the one that is sent and a refresh
 * may not replace the ID token.
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

function payloadOf(token: string | null | undefined): Fields | undefined {
  const part = token?.split('.')[1];
  if (!part) return undefined;
  try {
    const bytes = Uint8Array.fromBase64(part, { alphabet: 'base64url' });
    const payload: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(payload) ? payload : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Fields {
  return isObject(value) ? value : {};
}
