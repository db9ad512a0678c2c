// `codexd login`: makes a login of codexd's own, by browser, by device code, from a token or from a copy of the Codex
// CLI's.
import { type DeviceCode, deviceLogin } from '../auth/device.ts';
import { type Claims, claimsOf } from '../auth/jwt.ts';
import { ensureLoginCanBeSaved, saveLogin } from '../auth/locked-file.ts';
import type { RandomBytes } from '../auth/pkce.ts';
import { newLogin } from '../auth/store.ts';
import type { Tokens } from '../auth/token.ts';
import { Failure } from '../failure.ts';
import { command } from './command.ts';
import { adoptCodexLogin, adoptToken } from './login-adopt.ts';
import { browserLogin } from './login-browser.ts';
import { type Logins, openLogins } from './logins.ts';
import { createMessages } from './messages.ts';
import type { Session } from './session.ts';
import { type Definition, definitions, lineWidth } from './wrap.ts';

export interface LoginOptions {
  way: 'browser' | 'device' | 'token' | 'import';
  /** Of the browser way: whether to open it, and the only port to wait on. */
  browser: boolean;
  port: number | undefined;
  json: boolean;
}

export interface LoginDeps extends Logins {
  randomBytes: RandomBytes;
  /** The user sits at another machine, so a browser there cannot reach this one's loopback. */
  overSsh: boolean;
  /** A setting that goes before the new login, e.g. `CODEXD_BEARER`. */
  hiddenBy: string | undefined;
}

export default command({
  args: {
    device: {
      type: 'boolean',
      description: 'Log in with a code on another device, for machines without a browser.',
    },
    browser: {
      type: 'boolean',
      default: true,
      description: 'Open the browser; --no-browser only prints the address.',
    },
    port: {
      type: 'string',
      valueHint: 'PORT',
      description: 'Use only this port for the browser to call back; 1455 and 1457 are registered.',
    },
    'with-access-token': { type: 'boolean', description: 'Read an access token from standard input.' },
    import: { type: 'boolean', description: "Copy the Codex CLI's login." },
  },
  settings: ['upstream'],
  examples: ['codexd login', 'codexd login --device', 'codexd login --with-access-token < token.txt'],
  run: async (call) => {
    const { args, json, env } = call;
    const ways = { device: args.device, token: args['with-access-token'], import: args.import };
    const options = { way: oneWay(ways), browser: args.browser, port: portOf(args.port), json };
    const { session, ...logins } = await openLogins(call);
    await login(options, {
      ...logins,
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      overSsh: Boolean(env.SSH_CONNECTION || env.SSH_TTY),
      hiddenBy: hiding(session),
    });
  },
});

export function oneWay(
  ways: Partial<Record<Exclude<LoginOptions['way'], 'browser'>, boolean>>,
): LoginOptions['way'] {
  const chosen = Object.entries(ways).filter(([, on]) => on);
  if (chosen.length > 1) {
    throw new Failure(
      'invalid_request',
      '--device, --with-access-token and --import are mutually exclusive.',
      {
        code: 'usage',
        advice: 'Leave out all but one of them.',
      },
    );
  }
  return (chosen[0]?.[0] as LoginOptions['way'] | undefined) ?? 'browser';
}

export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw new Failure('invalid_request', `--port cannot be "${text}".`, {
    code: 'usage',
    advice: 'Use a port number up to 65535.',
  });
}

/** Logins that were given by hand go before codexd's own. */
function hiding({ sources }: Session): string | undefined {
  const given = ['auth.bearer', 'auth.auth_json', 'auth.auth_file'].map((path) => sources[path]);
  return given.find((source) => source && source.layer !== 'default')?.at;
}

/** Logs in, saves the login and says whose it is. */
export async function login(options: LoginOptions, deps: LoginDeps): Promise<void> {
  const { terminal, ownFile, hiddenBy } = deps;
  const owner = await ways[options.way](options, deps);
  if (options.json) terminal.stdout.write(`${JSON.stringify(facts(owner, ownFile))}\n`);
  else terminal.stdout.write(`Logged in as ${whose(owner)}.\n`);
  const width = lineWidth(terminal.stderr);
  if (hiddenBy) {
    createMessages(terminal.stderr).warn(`${hiddenBy} overrides this login; remove it to use the new one.`);
  }
  if (!options.json) terminal.stderr.write(`Next:\n${definitions(nextSteps, width, '  ')}`);
}

const nextSteps: Definition[] = [
  ['codexd ask "Hello."', 'ask a question'],
  ['codexd serve', 'start the daemon'],
  ['codexd help env', 'connect a client'],
];

function facts(owner: Claims, path: string) {
  return {
    email: owner.email ?? null,
    plan: owner.plan ?? null,
    account_id: owner.accountId ?? null,
    expires_at: owner.expiresAtMs === undefined ? null : new Date(owner.expiresAtMs).toISOString(),
    path,
  };
}

function whose({ email, accountId, plan }: Claims): string {
  const who = email ?? accountId ?? 'an unnamed account';
  return plan ? `${who} (plan: ${plan})` : who;
}

type Way = (options: LoginOptions, deps: LoginDeps) => Promise<Claims>;

const ways: Record<LoginOptions['way'], Way> = {
  browser: async (options, deps) => {
    await ensureLoginCanBeSaved(deps.locks, deps.ownFile);
    return browserLogin(options, deps, (exchange) => saveTokens(exchange, deps));
  },
  device: async (_, deps) => {
    await ensureLoginCanBeSaved(deps.locks, deps.ownFile);
    const exchange = await deviceLogin({ ...deps, show: (code) => showCode(code, deps) });
    return saveTokens(exchange, deps);
  },
  token: (_, deps) => adoptToken(deps),
  import: (_, deps) => adoptCodexLogin(deps),
};

async function saveTokens(
  exchange: () => Promise<Tokens>,
  { server, locks, ownFile, now }: LoginDeps,
): Promise<Claims> {
  const { tokens } = await saveLogin(locks, ownFile, async () => newLogin(await exchange(), server, now()));
  return claimsOf(tokens ?? {});
}

/** Device codes are a way of phishing: somebody else's code logs somebody else in. */
function showCode({ url, userCode }: DeviceCode, { terminal }: LoginDeps): void {
  terminal.stderr.write(
    `Open ${url}\nand enter this code within 15 minutes:\n\n    ${userCode}\n\n` +
      'Never enter a code that somebody else sent you.\n',
  );
}
