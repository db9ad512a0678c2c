// Interprets the query with which the login page redirects the browser back.
import { sanitizeMessage } from './login-server.ts';

/** A suffix that the authorization page has appended to the state since mid-2026. */
const onboardingSuffix = '.onboarding_entrypoint=life_sciences';

export type CallbackOutcome =
  | { kind: 'mismatch' }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'granted'; code: string };

/** Interprets the query of a callback. The state is checked first, so that a callback of another login is never used. */
export function interpretCallback(query: URLSearchParams, state: string): CallbackOutcome {
  const returned = query.get('state');
  if (returned !== state && returned !== state + onboardingSuffix) return { kind: 'mismatch' };
  const error = query.get('error');
  if (error) {
    const description = query.get('error_description') ?? '';
    if (error === 'access_denied' && description.includes('missing_codex_entitlement')) {
      return {
        kind: 'refused',
        code: error,
        message: 'Codex is not enabled for this workspace. Ask its admin to enable it.',
      };
    }
    return { kind: 'refused', code: sanitizeMessage(error), message: sanitizeMessage(description || error) };
  }
  const code = query.get('code');
  if (code) return { kind: 'granted', code };
  return {
    kind: 'refused',
    code: 'missing_authorization_code',
    message: 'The login page did not send an authorization code.',
  };
}

/** The query of a pasted redirect URL, which may be the whole URL or only the part after the question mark. */
export function parsePastedUrl(text: string): URLSearchParams | undefined {
  const query = text
    .trim()
    .replace(/^[^?]*\?/, '')
    .replace(/#.*$/, '');
  const params = new URLSearchParams(query);
  return params.has('state') && (params.has('code') || params.has('error')) ? params : undefined;
}
