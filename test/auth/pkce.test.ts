import { describe, expect, test } from 'bun:test';
import { challengeOf, createPkce, createState } from '../../src/auth/pkce.ts';

const zeroes = (length: number) => new Uint8Array(length);

describe('PKCE', () => {
  test('the challenge matches RFC 7636, appendix B', () => {
    expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    );
  });

  test("the Codex CLI's sizes: a verifier of 86 characters, a state of 43, both base64url", () => {
    const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
    const { verifier, challenge } = createPkce(random);
    expect(verifier).toMatch(/^[A-Za-z0-9_-]{86}$/);
    expect(challenge).toBe(challengeOf(verifier));
    expect(createState(random)).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test('verifier and state depend only on the random bytes passed in', () => {
    expect(createPkce(zeroes).verifier).toBe('A'.repeat(86));
    expect(createState(zeroes)).toBe('A'.repeat(43));
  });
});
