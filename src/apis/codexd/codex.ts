// Routes of ChatGPT's backend other than turns that Codex clients and pi call: the account, and how much of the plan is used.
// Turns and models under the backend's paths are aliases of OpenAI's endpoints.
import { Failure } from '../../failure.ts';
import { type Fields, isObject } from '../../responses/fields.ts';
import { discardBody, readJson } from '../../server/body.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { Endpoint } from '../api.ts';
import type { AccountServices } from '../services.ts';
import { usageFromBody, usageFromQuotas } from './codex-usage.ts';

const summary =
  "what the Codex CLI and pi call besides turns: the account and the plan's limits; also below `/backend-api/wham` and `/api/codex`";

/** Where clients expect the backend, depending on `chatgpt_base_url` or pi's base URL. */
const bases = ['/wham', '/backend-api/wham', '/api/codex'];

export const codexEndpoints: readonly Endpoint[] = [
  backend('/accounts/check', ({ account }) => ({
    GET: ({ headers }) => Response.json(accountsFor(accountHeader(headers) ?? account.id())),
  })),
  backend('/usage', ({ account, nowMs }) => ({
    GET: async () => Response.json(await planUsage(account, nowMs)),
  })),
  backend('/rate-limit-reset-credits', ({ account }) => ({
    GET: async () => Response.json(await objectFrom(await account.get('rate-limit-reset-credits'))),
  })),
  backend('/rate-limit-reset-credits/consume', ({ account }) => ({
    POST: (exchange) => redeemReset(exchange, account),
  })),
];

function backend(path: string, methods: Endpoint['methods']): Endpoint {
  const [first = '', ...others] = bases.map((base) => base + path);
  return { path: first, aliases: others, summary, methods };
}

/** Codex exits if its own account is missing here, or if the origin is not https. */
function accountsFor(id: string | undefined) {
  const account = {
    id: id ?? 'codexd',
    workspace_backend_origin: 'https://chatgpt.com',
    account_routing_override: 'NO_CONSTRAINT',
  };
  return { accounts: [account] };
}

function accountHeader(headers: Headers): string | undefined {
  return /^[\w-]{1,128}$/.exec(headers.get('chatgpt-account-id') ?? '')?.[0];
}

/** From the upstream, otherwise as reported with the last turns. */
async function planUsage({ get, quotas }: AccountServices, nowMs: () => number): Promise<Fields> {
  try {
    return usageFromBody(await objectFrom(await get('usage')));
  } catch (thrown) {
    const known = quotas();
    if (known.length === 0) throw thrown;
    return usageFromQuotas(known, nowMs());
  }
}

async function objectFrom(response: Response): Promise<Fields> {
  const body: unknown = response.ok
    ? await response.json().catch(() => undefined)
    : await response.body?.cancel();
  if (isObject(body)) return body;
  throw new Failure('upstream_broke', `The upstream did not return a JSON object (HTTP ${response.status}).`);
}

const redeemLimitBytes = 16 * 1024;

/**
 * Users have only a few resets, so this needs a setting. Codex repeats the request with the same `redeem_request_id`;
 * codexd does not.
 */
async function redeemReset(exchange: Exchange, account: AccountServices): Promise<Response> {
  if (!account.mayRedeemResets) {
    await discardBody(exchange.request);
    throw new Failure(
      'forbidden',
      'codexd does not redeem rate limit resets, because that cannot be undone.',
      {
        code: 'reset_not_redeemed',
        advice: 'Set `upstream.redeem_resets = true`, or redeem it in the Codex CLI without codexd.',
      },
    );
  }
  if (exchange.caller.models !== undefined) {
    await discardBody(exchange.request);
    throw new Failure('forbidden', 'This API key is limited to some models and cannot redeem resets.', {
      advice: 'Use a key without `models`.',
    });
  }
  const body = await readJson(exchange, redeemLimitBytes);
  if (!isObject(body) || typeof body.redeem_request_id !== 'string') {
    throw new Failure('invalid_request', '`redeem_request_id` must be a string.', {
      code: 'invalid_type',
      param: 'redeem_request_id',
    });
  }
  return Response.json(await objectFrom(await account.post('rate-limit-reset-credits/consume', body)));
}
