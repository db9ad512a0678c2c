// Workspace routing (docs/wire/upstream.md#routing): which origin serves an account's turns and which override header it
// needs. If discovery fails, the default origin is used and discovery is repeated later.
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { isLoopback } from './transport.ts';

export interface Route {
  /** Replaces the origin of the model API. */
  origin: string | undefined;
  /** Value of `x-openai-account-routing-override`. */
  override: string | undefined;
}

interface Known {
  route: Promise<Route>;
  staleAtMs: number;
}

const unconstrained: Route = { origin: undefined, override: undefined };
const retryFailedAfterMs = 60_000;

export interface AccountRoutingOptions {
  /** Fetches the body of `GET {base}/wham/accounts/check`; undefined if the upstream does not have it. */
  check: () => Promise<unknown>;
  /** Plain http is allowed for loopback origins, and only if the upstream itself is on loopback. */
  allowHttp: boolean;
  nowMs: () => number;
  log: Log;
}

export class AccountRouting {
  readonly #routes = new Map<string, Known>();

  constructor(private readonly options: AccountRoutingOptions) {}

  routeOf(accountId: string | undefined): Promise<Route> {
    if (accountId === undefined) return Promise.resolve(unconstrained);
    const known = this.#routes.get(accountId);
    if (known !== undefined && known.staleAtMs > this.options.nowMs()) return known.route;
    const entry: Known = { route: Promise.resolve(unconstrained), staleAtMs: Number.POSITIVE_INFINITY };
    entry.route = this.#discover(accountId, entry);
    this.#routes.set(accountId, entry);
    return entry.route;
  }

  /** After a token refresh the account may have moved. */
  forget(): void {
    this.#routes.clear();
  }

  async #discover(accountId: string, entry: Known): Promise<Route> {
    try {
      const body = await this.options.check();
      return body === undefined ? unconstrained : routeFrom(body, accountId, this.options.allowHttp);
    } catch (thrown) {
      this.options.log.warn('workspace routing is unknown, using the default origin', {
        reason: thrown instanceof Failure ? (thrown.code ?? thrown.kind) : 'invalid_answer',
      });
      entry.staleAtMs = this.options.nowMs() + retryFailedAfterMs;
      return unconstrained;
    }
  }
}

/** One account's route in the body of `accounts/check`, whose `accounts` is a list or, in older versions, a map. */
export function routeFrom(body: unknown, accountId: string, allowHttp: boolean): Route {
  const { accounts } = (body ?? {}) as { accounts?: unknown };
  const entries = Array.isArray(accounts) ? accounts : Object.values(accounts ?? {});
  const entry = entries.map(flattened).find((each) => each.id === accountId || each.account_id === accountId);
  if (entry === undefined) return unconstrained;
  return {
    origin: originOf(entry.workspace_backend_origin, allowHttp),
    override: constrained(entry.account_routing_override),
  };
}

function flattened(entry: unknown): Record<string, unknown> {
  const fields = (entry ?? {}) as Record<string, unknown>;
  return { ...fields, ...((fields.account as Record<string, unknown> | undefined) ?? {}) };
}

function constrained(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value !== 'NO_CONSTRAINT' ? value : undefined;
}

function originOf(value: unknown, allowHttp: boolean): string | undefined {
  const text = constrained(value);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const secure =
    url.protocol === 'https:' || (allowHttp && url.protocol === 'http:' && isLoopback(url.hostname));
  return secure && url.username === '' && url.password === '' ? url.origin : undefined;
}
