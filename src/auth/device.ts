// The device-code login of the Codex CLI. It resembles RFC 8628 but has other fields: the server creates the PKCE pair and
// returns the verifier with the code.
import { Failure } from '../failure.ts';
import {
  jsonType,
  type LoginServer,
  type LoginServerRequest,
  type LoginServerResponse,
  parseObject,
  postRequest,
  responseFailure,
  send,
  stringAt,
} from './login-server.ts';
import { exchange, type Tokens } from './token.ts';

export interface DeviceCode {
  deviceAuthId: string;
  /** The code that the user enters. */
  userCode: string;
  /** The page on which the user enters it. */
  url: string;
  intervalMs: number;
}

/** A code is valid for this long. */
export const deviceLimitMs = 15 * 60_000;
/** If the server gives no interval, and the shortest one that is honoured. */
const intervalFallbackMs = 5_000;
const intervalFloorMs = 1_000;

const retryAdvice = 'Run `codexd login --device` again.';

function deviceCodeRequest(server: LoginServer): LoginServerRequest {
  const body = JSON.stringify({ client_id: server.clientId });
  return postRequest(server, {
    url: `${server.issuer}/api/accounts/deviceauth/usercode`,
    type: jsonType,
    body,
    secrets: [],
  });
}

export function readDeviceCode(server: LoginServer, response: LoginServerResponse): DeviceCode {
  if (response.status === 404) {
    throw new Failure('upstream_refused', 'Device login is not enabled for this account or workspace.', {
      code: 'device_login_disabled',
      advice: 'Enable it in ChatGPT under Settings → Security, or run `codexd login` without --device.',
    });
  }
  if (response.status < 200 || response.status > 299)
    throw responseFailure(response, 'request a device code', [], retryAdvice);
  const object = parseObject(response.body);
  const deviceAuthId = stringAt(object, 'device_auth_id');
  const userCode = stringAt(object, 'user_code') ?? stringAt(object, 'usercode');
  if (!deviceAuthId || !userCode) {
    throw new Failure('upstream_broke', 'The login server did not send a device code.', {
      advice: retryAdvice,
    });
  }
  return {
    deviceAuthId,
    userCode,
    url: `${server.issuer}/codex/device`,
    intervalMs: intervalOf(object?.interval),
  };
}

/** The server sends seconds, as a string. */
function intervalOf(value: unknown): number {
  const seconds = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(seconds) ? Math.max(seconds * 1000, intervalFloorMs) : intervalFallbackMs;
}

function pollRequest(server: LoginServer, code: DeviceCode): LoginServerRequest {
  const body = JSON.stringify({ device_auth_id: code.deviceAuthId, user_code: code.userCode });
  return postRequest(server, {
    url: `${server.issuer}/api/accounts/deviceauth/token`,
    type: jsonType,
    body,
    secrets: [code.deviceAuthId],
  });
}

/** The code to exchange; undefined until the user has finished. */
export function interpretPoll(
  response: LoginServerResponse,
  secrets: string[],
): { code: string; verifier: string } | undefined {
  if (response.status === 404 || (response.status === 403 && !response.isHtml)) return undefined;
  if (response.status < 200 || response.status > 299)
    throw responseFailure(response, 'finish the device login', secrets, retryAdvice);
  const object = parseObject(response.body);
  const code = stringAt(object, 'authorization_code');
  const verifier = stringAt(object, 'code_verifier');
  if (!code || !verifier) {
    throw new Failure(
      'upstream_broke',
      'The login server confirmed the device but did not send an authorization code.',
      {
        advice: retryAdvice,
      },
    );
  }
  return { code, verifier };
}

export interface DeviceLoginOptions {
  server: LoginServer;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Shows the code and the page to enter it on. */
  show: (code: DeviceCode) => void;
}

/** Resolves once the user has finished, with a function that exchanges the code. The code works once. */
export async function deviceLogin({
  server,
  now,
  sleep,
  show,
}: DeviceLoginOptions): Promise<() => Promise<Tokens>> {
  const response = await send(server.fetch, deviceCodeRequest(server), 'request a device code');
  const device = readDeviceCode(server, response);
  show(device);
  const grant = await waitForGrant(server, device, now, sleep);
  const redirectUri = `${server.issuer}/deviceauth/callback`;
  return () => exchange(server, { ...grant, redirectUri });
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
    const response = await pollOnce(server, poll);
    const grant = response && interpretPoll(response, poll.secrets);
    if (grant) return grant;
    await sleep(device.intervalMs);
  }
  throw new Failure('timeout', 'The device code was not entered within 15 minutes.', { advice: retryAdvice });
}

/** A brief network failure while the user is busy on another device does not end the login. */
async function pollOnce(
  server: LoginServer,
  poll: LoginServerRequest,
): Promise<LoginServerResponse | undefined> {
  try {
    return await send(server.fetch, poll, 'finish the device login');
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.retry) return undefined;
    throw thrown;
  }
}
