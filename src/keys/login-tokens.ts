// The tokens of a program that logged in to the daemon. An access token is an API key; it is recognisable, so that a revoked
// one is refused even where callers need no key.
import { createHmac, randomBytes } from 'node:crypto';

const accessPrefix = 'cdx_login_';
const refreshPrefix = 'cdx_refresh_';

export function newRefreshToken(): string {
  return refreshPrefix + randomBytes(32).toString('base64url');
}

/** Nobody can compute the refresh token from it. */
export function accessTokenOf(refreshToken: string): string {
  return accessPrefix + createHmac('sha256', refreshToken).update('access token').digest('base64url');
}

export function isAccessToken(text: string): boolean {
  return text.startsWith(accessPrefix);
}
