// Logins that wait for their user's consent (RFC 8628): a program polls with its device code, and the user approves the user
// code that it shows. In memory: after a restart, the program starts again.
import { randomBytes, randomInt } from 'node:crypto';
import { sha256 } from '../base/sha256.ts';
import { Failure } from '../failure.ts';

export const codeLifetimeSeconds = 600;
/** Between two polls of a program. */
export const pollSeconds = 2;
/** A poll may arrive a little early. */
const earliestPollMs = pollSeconds * 1000 - 500;
/** Bounds the memory, whoever starts logins. */
const maxPending = 100;
/** Without vowels, so that codes are not words, and without characters that look alike (RFC 8628 6.1). */
const alphabet = 'BCDFGHJKLMNPQRSTVWXZ';

export interface DeviceCodes {
  /** `clientId`: undefined if the program sent none. Throws `rate_limited` if too many logins are waiting. */
  start(clientId: string | undefined): StartedLogin;
  /** The login that waits for this code, however the user wrote it. */
  waitingFor(userCode: string): WaitingLogin | undefined;
  /** What the program gets for its device code. A code that was approved or denied is used up. */
  poll(deviceCode: string, clientId: string | undefined): PollResult;
}

export interface StartedLogin {
  deviceCode: string;
  userCode: string;
}

export interface WaitingLogin {
  readonly userCode: string;
  /** Only the consent page contains it, so a form that another site submits does not. */
  readonly formToken: string;
  decide(decision: 'approved' | 'denied'): void;
}

export type PollResult =
  | { approved: string }
  | 'authorization_pending'
  | 'slow_down'
  | 'access_denied'
  | 'expired_token'
  | 'invalid_grant';

interface Login {
  userCode: string;
  clientId: string | undefined;
  formToken: string;
  expiresAtMs: number;
  polledAtMs: number;
  decision: 'approved' | 'denied' | undefined;
}

export function createDeviceCodes(nowMs: () => number): DeviceCodes {
  /** By the hash of the device code. */
  const logins = new Map<string, Login>();

  const isExpired = ({ expiresAtMs }: Login) => nowMs() >= expiresAtMs;

  /** Expired ones stay for a while, so that their program learns why it failed. */
  const forgetOld = () => {
    for (const [hash, { expiresAtMs }] of logins) {
      if (nowMs() >= expiresAtMs + codeLifetimeSeconds * 1000) logins.delete(hash);
    }
  };

  const openLogins = () => [...logins.values()].filter((login) => !isExpired(login));

  return {
    start(clientId) {
      forgetOld();
      if (logins.size >= maxPending) {
        throw new Failure('rate_limited', `${maxPending} logins are already waiting for consent.`, {
          code: 'slow_down',
          advice: `Try again in ${codeLifetimeSeconds / 60} minutes.`,
        });
      }
      const deviceCode = randomBytes(32).toString('base64url');
      const taken = new Set(openLogins().map(({ userCode }) => userCode));
      let userCode = newUserCode();
      while (taken.has(userCode)) userCode = newUserCode();
      logins.set(sha256(deviceCode), {
        ...{ userCode, clientId },
        formToken: randomBytes(32).toString('base64url'),
        expiresAtMs: nowMs() + codeLifetimeSeconds * 1000,
        polledAtMs: Number.NEGATIVE_INFINITY,
        decision: undefined,
      });
      return { deviceCode, userCode };
    },

    waitingFor(text) {
      const userCode = normalizeUserCode(text);
      const login = openLogins().find((each) => each.userCode === userCode && each.decision === undefined);
      if (login === undefined) return undefined;
      const { formToken } = login;
      return {
        ...{ userCode, formToken },
        decide(decision) {
          login.decision = decision;
        },
      };
    },

    poll(deviceCode, clientId) {
      const hash = sha256(deviceCode);
      const login = logins.get(hash);
      if (login === undefined || login.clientId !== clientId) return 'invalid_grant';
      if (isExpired(login)) return 'expired_token';
      const sinceLast = nowMs() - login.polledAtMs;
      login.polledAtMs = nowMs();
      if (login.decision === undefined) {
        return sinceLast < earliestPollMs ? 'slow_down' : 'authorization_pending';
      }
      logins.delete(hash);
      return login.decision === 'approved' ? { approved: login.userCode } : 'access_denied';
    },
  };
}

function newUserCode(): string {
  const letters = Array.from({ length: 8 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return withHyphen(letters);
}

/** Users may omit the hyphen, add spaces, or write lower case. */
function normalizeUserCode(text: string): string {
  return withHyphen(text.toUpperCase().replace(/[\s-]/g, ''));
}

function withHyphen(letters: string): string {
  return `${letters.slice(0, 4)}-${letters.slice(4)}`;
}
