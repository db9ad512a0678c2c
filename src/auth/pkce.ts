// The secrets of a browser login, in the sizes that the Codex CLI uses: the PKCE verifier and challenge (RFC 7636, S256), and
// the state.

/** Returns `length` random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

export interface Pkce {
  verifier: string;
  challenge: string;
}

export function createPkce(randomBytes: RandomBytes): Pkce {
  const verifier = base64url(randomBytes(64));
  return { verifier, challenge: challengeOf(verifier) };
}

export function createState(randomBytes: RandomBytes): string {
  return base64url(randomBytes(32));
}

export function challengeOf(verifier: string): string {
  return new Bun.CryptoHasher('sha256').update(verifier).digest('base64url');
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: 'base64url', omitPadding: true });
}
