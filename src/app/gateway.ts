// Claude Code's login to the daemon: what it shares between requests, and who may approve a login.
import type { GatewayServices } from '../apis/services.ts';
import type { Config } from '../config/schema.ts';
import { AttemptLimit } from '../gateway/attempt-limit.ts';
import { createDeviceCodes } from '../gateway/device-codes.ts';
import { Logins } from '../gateway/logins.ts';
import { limitsText } from '../keys/api-key.ts';
import type { IssuedKeys } from '../keys/issued-keys.ts';
import type { Keyring } from '../keys/keyring.ts';
import { isPrivate, type Listener } from '../server/listener.ts';

/** Survives reloads. */
export type GatewayState = Pick<GatewayServices, 'codes' | 'logins' | 'starts' | 'guesses'>;

const windowMs = 10 * 60_000;

export function createGatewayState(keys: IssuedKeys): GatewayState {
  const uptimeMs = () => performance.now();
  return {
    codes: createDeviceCodes(uptimeMs),
    logins: new Logins({ keys, program: 'claude-code', nowMs: Date.now }),
    starts: new AttemptLimit({ attempts: 30, windowMs, nowMs: uptimeMs }),
    guesses: new AttemptLimit({ attempts: 10, windowMs, nowMs: uptimeMs }),
  };
}

export function gatewayServices(
  state: GatewayState,
  { gateway }: Config,
  keyring: Keyring,
  issuedKeys: IssuedKeys,
  listeners: readonly Listener[],
): GatewayServices {
  return {
    ...state,
    approval() {
      if (keyring.isRequired) return 'key';
      return listeners.every(isPrivate) ? 'local' : 'unavailable';
    },
    // A login would not count towards the limits of the key that approved it, and would outlive a login that did.
    mayApprove(text) {
      const key = keyring.find(text);
      if (key === undefined || key.models !== undefined || limitsText(key) !== '') return false;
      return !issuedKeys.accepted().some(({ sha256 }) => sha256 === key.sha256);
    },
    tokenSeconds: gateway.tokenMinutes * 60,
    managesSettings: gateway.managedSettings,
  };
}
