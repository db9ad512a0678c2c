// The device-code login of the Codex CLI: like RFC 8628 in spirit, not in its fields. The server makes the PKCE pair and
// hands over the verifier with the code.
import { Failure } from '../failure.ts';
import { exchange, type Tokens } from './token.ts';
import {
  type Answer,
  jsonObject,
  jsonType,
  type LoginServer,
  type Outgoing,
  post,
  refusal,
  send,
  textAt,
} from './wire.ts';

export interface DeviceCode {
  deviceAuthId: string;
  /** What the user types. */
  userCode: string;
  /** Where the user types it. */
  url: string;
  intervalMs: number;
}

/** A code is good for a quarter of an hour. */
export const deviceLimitMs = 15 * 60_000;
/** When the server names no interval, or one that would be a flood. */
const intervalFallbackMs = 5_000;
const intervalFloorMs = 1_000;

const again = 'Run `codexd login --device` again.';

function deviceCodeRequest(server: LoginServer): Outgoing {
  const body = JSON.stringify({ client_id: server.clientId });
  return post(server, {
    url: `${server.issuer}/api/accounts/deviceauth/usercode`,
    type: jsonType,
    body,
    secrets: [],
  });
}

export function readDeviceCode(server: LoginServer, answer: Answer): DeviceCode {
  if (answer.status === 404) {
    throw new Failure('upstream_refused', 'Device login is not enabled for this account or workspace.', {
      code: 'device_login_disabled',
      advice: 'Switch it on in ChatGPT under Settings → Security, or run `codexd login` without --device.',
    });
  }
  if (answer.status < 200 || answer.status > 299) throw refusal(answer, 'ask for a device code', [], again);
  const object = jsonObject(answer.body);
  const deviceAuthId = textAt(object, 'device_auth_id');
  const userCode = textAt(object, 'user_code') ?? textAt(object, 'usercode');
  if (!deviceAuthId || !userCode) {
    throw new Failure('upstream_broke', 'The login server answered without a device code.', {
      advice: again,
    });
  }
  return {
    deviceAuthId,
    userCode,
    url: `${server.issuer}/codex/device`,
    intervalMs: intervalOf(object?.interval),
  };
}

/** Seconds, sent as a string. */
function intervalOf(value: unknown): number {
  const seconds = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(seconds) ? Math.max(seconds * 1000, intervalFloorMs) : intervalFallbackMs;
}

function pollRequest(server: LoginServer, code: DeviceCode): Outgoing {
  const body = JSON.stringify({ device_auth_id: code.deviceAuthId, user_code: code.userCode });
  return post(server, {
    url: `${server.issuer}/api/accounts/deviceauth/token`,
    type: jsonType,
    body,
    secrets: [code.deviceAuthId],
  });
}

/** The code to exchange, or undefined while the user has not finished. */
export function judgePoll(answer: Answer, secrets: string[]): { code: string; verifier: string } | undefined {
  if (answer.status === 404 || (answer.status === 403 && !answer.html)) return undefined;
  if (answer.status < 200 || answer.status > 299)
    throw refusal(answer, 'finish the device login', secrets, again);
  const object = jsonObject(answer.body);
  const code = textAt(object, 'authorization_code');
  const verifier = textAt(object, 'code_verifier');
  if (!code || !verifier) {
    throw new Failure('upstream_broke', 'The login server confirmed the device without a code to exchange.', {
      advice: again,
    });
  }
  return { code, verifier };
}

export interface DeviceLoginOptions {
  server: LoginServer;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Shows the code and where to type it. */
  show: (code: DeviceCode) => void;
}

/** Returns when the user has finished; what it returns spends the code, which works once. */
export async function deviceLogin({
  server,
  now,
  sleep,
  show,
}: DeviceLoginOptions): Promise<() => Promise<Tokens>> {
  const asked = await send(server.fetch, deviceCodeRequest(server), 'ask for a device code');
  const device = readDeviceCode(server, asked);
  show(device);
  const granted = await waitForGrant(server, device, now, sleep);
  const redirectUri = `${server.issuer}/deviceauth/callback`;
  return () => exchange(server, { ...granted, redirectUri });
}

async function waitForGrant(
  server: LoginServer,
  device: DeviceCode,
  now: () => number,
  sleep: (ms: number) => Promise<void>,
) {
  const deadlineMs = now() + deviceLimitMs;
  const poll = pollRequest(server, device);
  while (now() < deadlineMs) {
    const answer = await pollOnce(server, poll);
    const granted = answer && judgePoll(answer, poll.secrets);
    if (granted) return granted;
    await sleep(device.intervalMs);
  }
  throw new Failure('timeout', 'Nobody entered the device code within 15 minutes.', { advice: again });
}

/** A network that fails for a moment while somebody types on another device does not end the login. */
async function pollOnce(server: LoginServer, poll: Outgoing): Promise<Answer | undefined> {
  try {
    return await send(server.fetch, poll, 'finish the device login');
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.retry) return undefined;
    throw thrown;
  }
}
