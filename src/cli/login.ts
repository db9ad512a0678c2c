// `codexd login`: creates codexd's own login, in the browser, with a device code, from an access token, or as a copy of the
// Codex CLI's.
import { type DeviceCode, deviceLogin } from '../auth/device.ts';
import { type Claims, claimsOf } from '../auth/jwt.ts';
import { ensureLoginCanBeSaved, saveLogin } from '../auth/locked-file.ts';
import { newLogin } from '../auth/store.ts';
import type { Tokens } from '../auth/token.ts';
import { invalidValue, usageFailure } from './arguments.ts';
import { command } from './command.ts';
import { type BrowserLoginDeps, type BrowserLoginOptions, browserLogin } from './login-browser.ts';
import { createLoginContext, type LoginContext } from './login-context.ts';
import { importCodexLogin, importToken } from './login-import.ts';
import { createMessages } from './messages.ts';
import type { Session } from './session.ts';
import { type Definition, definitions, lineWidth } from './wrap.ts';

/** The browser's options are for that method alone. */
export interface LoginOptions extends BrowserLoginOptions {
  method: 'browser' | 'device' | 'token' | 'import';
  json: boolean;
}

export interface LoginDeps extends LoginContext, BrowserLoginDeps {
  /** A setting that takes precedence over the new login, e.g. `CODEXD_BEARER`. */
  overriddenBy: string | undefined;
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
      description: 'Listen for the browser on this port only; 1455 and 1457 are registered.',
    },
    'with-access-token': { type: 'boolean', description: 'Read an access token from standard input.' },
    import: { type: 'boolean', description: "Copy the Codex CLI's login." },
  },
  settings: ['upstream'],
  examples: ['codexd login', 'codexd login --device', 'codexd login --with-access-token < token.txt'],
  run: async (call) => {
    const { args, json, env } = call;
    const methods = { device: args.device, token: args['with-access-token'], import: args.import };
    const options = {
      method: chooseMethod(methods),
      browser: args.browser,
      port: parsePort(args.port),
      json,
    };
    const { session, ...context } = await createLoginContext(call);
    await login(options, {
      ...context,
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      overSsh: Boolean(env.SSH_CONNECTION || env.SSH_TTY),
      overriddenBy: overridingSetting(session),
    });
  },
});

export function chooseMethod(
  methods: Partial<Record<Exclude<LoginOptions['method'], 'browser'>, boolean>>,
): LoginOptions['method'] {
  const chosen = Object.entries(methods).filter(([, on]) => on);
  if (chosen.length > 1) {
    throw usageFailure(
      '--device, --with-access-token and --import are mutually exclusive.',
      'Use one of them.',
    );
  }
  return (chosen[0]?.[0] as LoginOptions['method'] | undefined) ?? 'browser';
}

export function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65535) return port;
  throw invalidValue('--port', text, 'Use a port number up to 65535.');
}

/** Logins from a flag, a variable or the configuration take precedence over codexd's own. */
function overridingSetting({ sources }: Session): string | undefined {
  const candidates = ['auth.bearer', 'auth.auth_json', 'auth.auth_file'].map((path) => sources[path]);
  return candidates.find((source) => source && source.layer !== 'default')?.at;
}

/** Logs in, saves the login and prints its owner. */
export async function login(options: LoginOptions, deps: LoginDeps): Promise<void> {
  const { terminal, ownFile, overriddenBy } = deps;
  const owner = await methods[options.method](options, deps);
  if (options.json) terminal.stdout.write(`${JSON.stringify(facts(owner, ownFile))}\n`);
  else terminal.stdout.write(`Logged in as ${describeOwner(owner)}.\n`);
  const width = lineWidth(terminal.stderr);
  if (overriddenBy) {
    createMessages(terminal.stderr).warn(
      `${overriddenBy} overrides this login; remove it to use the new one.`,
    );
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

function describeOwner({ email, accountId, plan }: Claims): string {
  const who = email ?? accountId ?? 'an unnamed account';
  return plan ? `${who} (plan: ${plan})` : who;
}

type Method = (options: LoginOptions, deps: LoginDeps) => Promise<Claims>;

const methods: Record<LoginOptions['method'], Method> = {
  browser: async (options, deps) => {
    await ensureLoginCanBeSaved(deps.locks, deps.ownFile);
    return browserLogin(options, deps, (exchange) => saveTokens(exchange, deps));
  },
  device: async (_, deps) => {
    await ensureLoginCanBeSaved(deps.locks, deps.ownFile);
    const exchange = await deviceLogin({ ...deps, show: (code) => showCode(code, deps) });
    return saveTokens(exchange, deps);
  },
  token: (_, deps) => importToken(deps),
  import: (_, deps) => importCodexLogin(deps),
};

async function saveTokens(
  exchange: () => Promise<Tokens>,
  { server, locks, ownFile, now }: LoginDeps,
): Promise<Claims> {
  const { tokens } = await saveLogin(locks, ownFile, async () => newLogin(await exchange(), server, now()));
  return claimsOf(tokens ?? {});
}

/** Warns of phishing: entering an attacker's code logs the attacker in. */
function showCode({ url, userCode }: DeviceCode, { terminal }: LoginDeps): void {
  terminal.stderr.write(
    `Open ${url}\nand enter this code within 15 minutes:\n\n    ${userCode}\n\n` +
      'Never enter a code that someone else sent you.\n',
  );
}
