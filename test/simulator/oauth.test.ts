// The issuer: browser login, device login, refresh, revocation, personal tokens (docs/wire/upstream.md#login to #refresh).
import { afterEach, describe, expect, test } from 'bun:test';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/simulator.ts';

const running: Simulator[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((simulator) => simulator.stop()));
});

function start(options: SimulatorOptions = {}): Simulator {
  const simulator = startSimulator(options);
  running.push(simulator);
  return simulator;
}

const clientId = 'app_EMoamEEZ73f0CkXaXp7hrann';
const verifier = 'v'.repeat(86);
const challenge = new Bun.CryptoHasher('sha256').update(verifier).digest('base64url');
const redirectUri = 'http://localhost:1455/auth/callback';
const state = 's'.repeat(43);
const parameters: Record<string, string> = {
  response_type: 'code',
  client_id: clientId,
  redirect_uri: redirectUri,
  code_challenge: challenge,
  code_challenge_method: 'S256',
  state,
  scope: 'openid profile email offline_access api.connectors.read api.connectors.invoke',
  id_token_add_organizations: 'true',
  codex_cli_simplified_flow: 'true',
  originator: 'codex_cli_rs',
};

const authorize = (simulator: Simulator, change: Record<string, string> = {}) =>
  fetch(`${simulator.issuer}/oauth/authorize?${new URLSearchParams({ ...parameters, ...change })}`, {
    redirect: 'manual',
  });
const callback = async (simulator: Simulator, change: Record<string, string> = {}) =>
  new URL((await authorize(simulator, change)).headers.get('location')!).searchParams;
const form = (simulator: Simulator, fields: Record<string, string>) =>
  fetch(`${simulator.issuer}/oauth/token`, { method: 'POST', body: new URLSearchParams(fields) });
const json = (simulator: Simulator, path: string, body: object) =>
  fetch(`${simulator.issuer}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const exchange = async (simulator: Simulator, change: Record<string, string> = {}) =>
  form(simulator, {
    grant_type: 'authorization_code',
    client_id: clientId,
    code: (await callback(simulator)).get('code')!,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...change,
  });
const refresh = (simulator: Simulator, refresh_token: string) =>
  json(simulator, '/oauth/token', { client_id: clientId, grant_type: 'refresh_token', refresh_token });
const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());
const usage = (simulator: Simulator, token: string) =>
  fetch(`${simulator.upstream}/wham/usage`, { headers: { authorization: `Bearer ${token}` } });

describe('authorize', () => {
  test('redirects to the callback with a code and the same state', async () => {
    const simulator = start();
    const response = await authorize(simulator);
    expect(response.status).toBe(302);
    const target = new URL(response.headers.get('location')!);
    expect(target.origin + target.pathname).toBe(redirectUri);
    expect(target.searchParams.get('state')).toBe(state);
    expect(target.searchParams.get('code')).toStartWith('ac_');
  });

  const wrong: [string, string][] = [
    ['response_type', 'token'],
    ['client_id', 'app_other'],
    ['redirect_uri', 'http://example.com:1455/auth/callback'],
    ['redirect_uri', 'http://localhost:1455/callback'],
    ['code_challenge', 'short'],
    ['code_challenge_method', 'plain'],
    ['state', ''],
    ['scope', 'openid email'],
    ['id_token_add_organizations', 'false'],
    ['codex_cli_simplified_flow', ''],
    ['originator', ''],
  ];
  test.each(wrong)('refuses %s=%s', async (name, value) => {
    const response = await authorize(start(), { [name]: value });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error_description: expect.stringContaining(name) });
  });

  test('takes any loopback port, or only the registered ones when strict', async () => {
    const other = { redirect_uri: 'http://127.0.0.1:40001/auth/callback' };
    expect((await authorize(start(), other)).status).toBe(302);
    expect((await authorize(start({ strict: { redirectPort: true } }), other)).status).toBe(400);
    expect((await authorize(start({ strict: { redirectPort: true } }))).status).toBe(302);
  });

  test('a script turns it into a refusal, a wrong state or no code', async () => {
    const simulator = start();
    simulator.script(
      {
        for: 'oauth/authorize',
        error: 'access_denied',
        merge: { error_description: 'missing_codex_entitlement' },
      },
      { for: 'oauth/authorize', state: 'wrong' },
      { for: 'oauth/authorize', omit: ['code'] },
    );
    expect(Object.fromEntries(await callback(simulator))).toEqual({
      error: 'access_denied',
      error_description: 'missing_codex_entitlement',
      state,
    });
    expect((await callback(simulator)).get('state')).toBe('wrong');
    expect((await callback(simulator)).has('code')).toBe(false);
  });
});

describe('the code grant', () => {
  test('gives three tokens that work, beside fields nobody asked for', async () => {
    const simulator = start();
    const response = await exchange(simulator);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as Record<string, string>;
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: 864000, oai_is: expect.any(String) });
    expect(answer.refresh_token).toMatch(/^rt\.1\.\w{191}$/);
    expect((await usage(simulator, answer.access_token!)).status).toBe(200);
  });

  test('a code is good once', async () => {
    const simulator = start();
    const code = (await callback(simulator)).get('code')!;
    expect((await exchange(simulator, { code })).status).toBe(200);
    const again = await exchange(simulator, { code });
    expect(again.status).toBe(400);
    expect(await again.json()).toMatchObject({ error: 'invalid_grant' });
  });

  test.each([
    ['code_verifier', 'w'.repeat(86)],
    ['redirect_uri', 'http://127.0.0.1:1455/auth/callback'],
    ['code', 'ac_unknown'],
  ])('checks %s', async (name, value) => {
    expect((await exchange(start(), { [name]: value })).status).toBe(400);
  });

  test('checks the client', async () => {
    expect((await exchange(start(), { client_id: 'app_other' })).status).toBe(401);
  });

  test('comes as a form, not as JSON', async () => {
    const simulator = start();
    const code = (await callback(simulator)).get('code')!;
    const body = { grant_type: 'authorization_code', client_id: clientId, code, redirect_uri: redirectUri };
    expect((await json(simulator, '/oauth/token', { ...body, code_verifier: verifier })).status).toBe(400);
  });

  test('a workspace asked for is the one logged in to', async () => {
    const simulator = start();
    const code = (await callback(simulator, { allowed_workspace_id: 'ws-1' })).get('code')!;
    const { access_token } = (await (await exchange(simulator, { code })).json()) as { access_token: string };
    expect(claims(access_token)['https://api.openai.com/auth'].chatgpt_account_id).toBe('ws-1');
  });
});

test('the exchange for an API key fails for a personal account', async () => {
  const response = await form(start(), {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    client_id: clientId,
    requested_token: 'openai-api-key',
  });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid_subject_token' } });
});

test('JWTs hold the claims of 3.2, with the expiry that was asked for', () => {
  const now = 1_795_187_761_000;
  const simulator = start({ now: () => now });
  const tokens = simulator.login({
    accountId: 'acc',
    email: 'b@example.com',
    plan: 'pro',
    userId: 'user-1',
    expiresInS: 60,
  });
  const access = claims(tokens.access_token);
  expect(access).toMatchObject({
    iss: simulator.issuer,
    aud: ['https://api.openai.com/v1'],
    client_id: clientId,
  });
  expect(access.exp).toBe(now / 1000 + 60);
  expect(access['https://api.openai.com/profile'].email).toBe('b@example.com');
  expect(access['https://api.openai.com/auth']).toMatchObject({
    chatgpt_account_id: 'acc',
    chatgpt_plan_type: 'pro',
    chatgpt_user_id: 'user-1',
    chatgpt_account_user_id: 'user-1__acc',
  });
  const id = claims(tokens.id_token);
  expect(id).toMatchObject({ aud: [clientId], email: 'b@example.com' });
  expect(id.exp).toBe(id.iat + 3600);
  expect(id['https://api.openai.com/auth'].organizations[0].role).toBe('owner');
});

describe('refresh', () => {
  test('rotates, keeps the account, and the new tokens work', async () => {
    const simulator = start();
    const { refresh_token } = simulator.login({ accountId: 'acc' });
    const answer = (await (await refresh(simulator, refresh_token)).json()) as Record<string, string>;
    expect(answer.refresh_token).not.toBe(refresh_token);
    expect(claims(answer.access_token!)['https://api.openai.com/auth'].chatgpt_account_id).toBe('acc');
    expect((await usage(simulator, answer.access_token!)).status).toBe(200);
    expect((await refresh(simulator, answer.refresh_token!)).status).toBe(200);
  });

  test('is taken as a form too', async () => {
    const simulator = start();
    const { refresh_token } = simulator.login();
    const fields = {
      grant_type: 'refresh_token',
      client_id: clientId,
      refresh_token,
      scope: 'openid profile email',
    };
    expect((await form(simulator, fields)).status).toBe(200);
  });

  test('a spent refresh token is refused, and the login remains valid', async () => {
    const simulator = start();
    const { refresh_token } = simulator.login();
    const { access_token } = (await (await refresh(simulator, refresh_token)).json()) as {
      access_token: string;
    };
    const again = await refresh(simulator, refresh_token);
    expect(again.status).toBe(401);
    expect(await again.json()).toEqual({
      error: {
        message:
          'Your refresh token has already been used to generate a new access token. Please try signing in again.',
        type: 'invalid_request_error',
        param: null,
        code: 'refresh_token_reused',
      },
    });
    expect((await usage(simulator, access_token)).status).toBe(200);
  });

  test('when strict, a spent refresh token ends the whole login', async () => {
    const simulator = start({ strict: { refreshReuse: true } });
    const { refresh_token } = simulator.login();
    const next = (await (await refresh(simulator, refresh_token)).json()) as Record<string, string>;
    await refresh(simulator, refresh_token);
    expect((await usage(simulator, next.access_token!)).status).toBe(401);
    const last = await refresh(simulator, next.refresh_token!);
    expect(await last.json()).toMatchObject({ error: { code: 'refresh_token_invalidated' } });
  });

  test('a script leaves fields out, or fails in each way of 4.2', async () => {
    const simulator = start();
    const login = simulator.login();
    simulator.script(
      { for: 'oauth/token', omit: ['id_token', 'refresh_token'] },
      { for: 'oauth/token', refusal: 'refresh_token_expired' },
      { for: 'oauth/token', status: 500, body: '<html>' },
    );
    const partial = (await (await refresh(simulator, login.refresh_token)).json()) as object;
    expect(partial).not.toHaveProperty('id_token');
    expect(partial).not.toHaveProperty('refresh_token');
    expect(partial).toHaveProperty('access_token');
    const expired = await refresh(simulator, login.refresh_token);
    expect([expired.status, await expired.json()]).toMatchObject([
      401,
      { error: { code: 'refresh_token_expired' } },
    ]);
    expect((await refresh(simulator, login.refresh_token)).status).toBe(500);
    expect(simulator.unused()).toEqual([]);
  });
});

test('revoking ends the session', async () => {
  const simulator = start();
  const { access_token, refresh_token } = simulator.login();
  expect((await json(simulator, '/oauth/revoke', { token: refresh_token, client_id: clientId })).status).toBe(
    200,
  );
  expect((await usage(simulator, access_token)).status).toBe(401);
  const after = await refresh(simulator, refresh_token);
  expect(await after.json()).toMatchObject({ error: { code: 'refresh_token_invalidated' } });
});

describe('device login', () => {
  const begin = async (simulator: Simulator) =>
    (await (
      await json(simulator, '/api/accounts/deviceauth/usercode', { client_id: clientId })
    ).json()) as Record<string, string>;
  const poll = (simulator: Simulator, { device_auth_id, user_code }: Record<string, string>) =>
    json(simulator, '/api/accounts/deviceauth/token', { device_auth_id, user_code });

  test('not yet, then a code that can be exchanged', async () => {
    const simulator = start();
    const device = await begin(simulator);
    expect(device.interval).toBe('1');
    expect(device.user_code).toMatch(/^\w{4}-\w{5}$/);
    expect((await poll(simulator, device)).status).toBe(403);
    const granted = (await (await poll(simulator, device)).json()) as Record<string, string>;
    const response = await form(simulator, {
      grant_type: 'authorization_code',
      client_id: clientId,
      code: granted.authorization_code!,
      redirect_uri: `${simulator.issuer}/deviceauth/callback`,
      code_verifier: granted.code_verifier!,
    });
    expect(response.status).toBe(200);
    expect((await poll(simulator, device)).status).toBe(404);
  });

  test('a script makes it wait longer, go faster, or not exist', async () => {
    const simulator = start();
    simulator.script(
      { for: 'deviceauth/usercode', merge: { interval: '0' } },
      { for: 'deviceauth/token', status: 403, repeat: 3 },
      { for: 'deviceauth/usercode', status: 404 },
    );
    const device = await begin(simulator);
    expect(device.interval).toBe('0');
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await poll(simulator, device)).status);
    expect(statuses).toEqual([403, 403, 403, 403, 200]);
    expect((await json(simulator, '/api/accounts/deviceauth/usercode', { client_id: clientId })).status).toBe(
      404,
    );
  });

  test('a wrong user code is not found', async () => {
    const simulator = start();
    const device = await begin(simulator);
    expect((await poll(simulator, { ...device, user_code: 'AAAA-BBBBB' })).status).toBe(404);
  });
});

test('a personal access token is known to whoami and to the API', async () => {
  const simulator = start();
  const token = simulator.personalToken({ email: 'p@example.com', plan: 'team' });
  expect(token).toStartWith('at-');
  const path = '/api/accounts/v1/user-auth-credential/whoami';
  const who = await fetch(simulator.issuer + path, { headers: { authorization: `Bearer ${token}` } });
  expect(await who.json()).toMatchObject({ email: 'p@example.com', chatgpt_plan_type: 'team' });
  expect((await usage(simulator, token)).status).toBe(200);
  const stranger = await fetch(simulator.issuer + path, { headers: { authorization: 'Bearer at-unknown' } });
  expect(stranger.status).toBe(401);
});
