// The routes of ChatGPT's backend that Codex clients and pi call beside turns when they are pointed at codexd: the same
// turns and models under other paths, the account, and how much of the plan is used.
import { Failure } from '../../failure.ts';
import { type Fields, isObject } from '../../responses/fields.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { Handler, Route } from '../../server/router.ts';
import type { Quota } from '../../upstream/quota.ts';
import { usageFrom, usageOf } from './codex-usage.ts';

export interface CodexRoutesOptions {
  /** The routes of which some answer under a second path. */
  routes: Route[];
  /** Requests one of the account's routes from the upstream, e.g. `usage`. */
  get: (name: string) => Promise<Response>;
  /** Of the account that codexd uses; undefined without a login. */
  accountId: () => string | undefined;
  /** What is known of the plan's windows without asking. */
  quotas: () => Quota[];
  nowMs: () => number;
}

const aliases: Readonly<Record<string, string>> = {
  '/codex/responses': '/v1/responses',
  '/codex/responses/compact': '/v1/responses/compact',
  '/codex/models': '/v1/models',
};

/** Where clients expect the backend: below what they were given as `chatgpt_base_url`, or as pi's base. */
const bases = ['', '/backend-api'];

export function codexRoutes(options: CodexRoutesOptions): Route[] {
  const { get, accountId, quotas, nowMs } = options;
  const accounts: Handler = ({ request }) =>
    Response.json(accountsFor(askingAccount(request.headers) ?? accountId()));
  const usage: Handler = async () => Response.json(await planUsage(get, quotas, nowMs));
  const credits: Handler = async () => Response.json(await objectFrom(await get('rate-limit-reset-credits')));
  const backend: Route[] = [
    { path: '/accounts/check', methods: { GET: accounts } },
    { path: '/usage', methods: { GET: usage } },
    { path: '/rate-limit-reset-credits', methods: { GET: credits } },
    { path: '/rate-limit-reset-credits/consume', methods: { POST: refuseConsume } },
  ];
  const below = (base: string) => backend.map(({ path, methods }) => ({ path: base + path, methods }));
  return [
    ...bases.flatMap((base) => [...aliased(options.routes, base), ...below(`${base}/wham`)]),
    ...below('/api/codex'),
  ];
}

function aliased(routes: Route[], base: string): Route[] {
  return Object.entries(aliases).flatMap(([alias, path]) => {
    const route = routes.find((each) => each.path === path);
    return route === undefined
      ? []
      : [{ ...route, path: base + alias, methods: inCodexShape(route.methods) }];
  });
}

/** The backend's own list of models has one shape, whatever the query. */
function inCodexShape({ GET, ...others }: Route['methods']): Route['methods'] {
  if (GET === undefined) return others;
  const asCodex: Handler = (exchange, params) => {
    if (!exchange.query.has('client_version')) exchange.query.set('client_version', '');
    return GET(exchange, params);
  };
  return { ...others, GET: asCodex };
}

/** Codex ends when this lacks its own account, or names an origin that is not https. */
function accountsFor(id: string | undefined) {
  const account = {
    id: id ?? 'codexd',
    workspace_backend_origin: 'https://chatgpt.com',
    account_routing_override: 'NO_CONSTRAINT',
  };
  return { accounts: [account] };
}

function askingAccount(headers: Headers): string | undefined {
  return /^[\w-]{1,128}$/.exec(headers.get('chatgpt-account-id') ?? '')?.[0];
}

/** The upstream's word, else what the last turns said. */
async function planUsage(
  get: CodexRoutesOptions['get'],
  quotas: () => Quota[],
  nowMs: () => number,
): Promise<Fields> {
  try {
    return usageOf(await objectFrom(await get('usage')));
  } catch (thrown) {
    const known = quotas();
    if (known.length === 0) throw thrown;
    return usageFrom(known, nowMs());
  }
}

async function objectFrom(answer: Response): Promise<Fields> {
  const body: unknown = answer.ok ? await answer.json().catch(() => undefined) : await answer.body?.cancel();
  if (isObject(body)) return body;
  throw new Failure('upstream_broke', `The upstream did not return an object (${answer.status}).`);
}

/** It spends something that the person has only a few of, and Codex repeats it. */
function refuseConsume(_call: Exchange): never {
  throw new Failure('forbidden', 'codexd does not redeem rate limit resets: that spends one for good.', {
    code: 'reset_not_redeemed',
    advice: 'Redeem it in the Codex CLI without codexd.',
  });
}
