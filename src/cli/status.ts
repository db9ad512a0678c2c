// `codexd status`: the account, when its login expires, how much of the plan is used, and whether a daemon is listening.

import { createServices } from '../app/services.ts';
import type { LoginFacts, LoginSource } from '../auth/source.ts';
import { asFailure, type Failure } from '../failure.ts';
import { fetchQuotas, type Quota } from '../upstream/quota.ts';
import type { Fetch } from '../upstream/transport.ts';
import { command } from './command.ts';
import { probeDaemon } from './daemon-probe.ts';
import { openSession } from './session.ts';
import { type Status, statusJson, statusText } from './status-text.ts';
import type { Terminal } from './terminal.ts';
import { lineWidth } from './wrap.ts';

export interface StatusDeps {
  terminal: Terminal;
  login: LoginSource;
  quotas: () => Promise<Quota[]>;
  /** The configured listen addresses. */
  addresses: readonly string[];
  fetch: Fetch;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** Defaults to the machine's. */
  timeZone?: string;
}

const watchMs = 30_000;
/** From this usage on, the exit code is 2. */
const nearPercent = 90;

export default command({
  args: { watch: { type: 'boolean', description: 'Repeat every 30 seconds until Ctrl-C.' } },
  settings: ['server.listen', 'upstream', 'auth'],
  examples: ['codexd status', 'codexd status --watch'],
  run: async (call) => {
    const session = await openSession(call);
    const { login, upstream, fetch } = createServices(session);
    const { config } = session;
    return status(
      { watch: call.args.watch === true, json: call.json },
      {
        terminal: call.terminal,
        login,
        quotas: () => fetchQuotas((path) => upstream.get(path), config.upstream.baseUrl, Date.now),
        addresses: config.server.listen,
        fetch,
        now: Date.now,
        sleep: Bun.sleep,
      },
    );
  },
});

/** Prints the status once, or repeatedly until interrupted. Returns the exit code. */
export async function status(options: { watch: boolean; json: boolean }, deps: StatusDeps): Promise<number> {
  const { stdout } = deps.terminal;
  for (;;) {
    const found = await collectStatus(deps);
    const style = { ...deps, color: stdout.color, width: lineWidth(stdout), nowMs: deps.now() };
    const clear = options.watch && stdout.isTty && !options.json ? '\x1b[H\x1b[2J' : '';
    stdout.write(options.json ? `${JSON.stringify(statusJson(found))}\n` : clear + statusText(found, style));
    if (!options.watch) return exitCodeOf(found);
    await deps.sleep(watchMs);
  }
}

/** 0 is good, 2 near a limit, 3 no working login; otherwise the failure's own code, e.g. 5 if the network is down. */
export function exitCodeOf({ problem, quotas }: Status): number {
  if (problem) return problem.exitCode;
  const used = quotas.flatMap(({ windows }) => windows.map(({ usedPercent }) => usedPercent));
  return used.some((percent) => percent >= nearPercent) || quotas.some(({ reached }) => reached) ? 2 : 0;
}

async function collectStatus(deps: StatusDeps): Promise<Status> {
  const daemons = Promise.all(deps.addresses.map((address) => probeDaemon(address, deps.fetch)));
  // Refreshes an expiring access token: the status should say whether the login still works.
  const problem = await failureOf(() => deps.login.get());
  let quotas: Quota[] = [];
  const quotaProblem = problem
    ? undefined
    : await failureOf(async () => {
        quotas = await deps.quotas();
      });
  const refused = quotaProblem?.kind === 'login_required' ? quotaProblem : undefined;
  return {
    login: factsOf(deps.login),
    problem: problem ?? refused,
    quotas,
    quotaProblem: refused ? undefined : quotaProblem,
    daemons: await daemons,
  };
}

function factsOf(login: LoginSource): LoginFacts | undefined {
  try {
    return login.facts();
  } catch {
    // `get` has already reported the reason as the problem.
    return undefined;
  }
}

async function failureOf(work: () => Promise<unknown>): Promise<Failure | undefined> {
  try {
    await work();
    return undefined;
  } catch (thrown) {
    const failure = asFailure(thrown);
    if (failure.kind === 'bug') throw failure;
    return failure;
  }
}
