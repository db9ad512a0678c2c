// Chooses the login (the first that exists: flag, variable, file, own store, the Codex CLI's) and turns it into
// credentials. Implements `TokenSource` of src/upstream/credentials.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Claims } from './jwt.ts';
import type { Locks } from './lock.ts';
import { isExpired, type Login, loginFromToken, readLogin } from './login.ts';
import { LoginFile, type SecretSink } from './login-file.ts';
import type { LoginServer } from './login-server.ts';
import { fileStamp, parseAuthFile } from './store.ts';
import { VariableLogin, variableLoginPath } from './variable-login.ts';
import { whoami } from './whoami.ts';

/** Where a login came from. */
export type LoginOrigin = 'bearer' | 'environment' | 'auth-file' | 'own' | 'codex';

export interface Credentials {
  accessToken: string;
  accountId: string | undefined;
  fedramp: boolean;
}

/** What is known about the login without using it. Never contains a token. */
export interface LoginFacts {
  origin: LoginOrigin;
  /** Its file, if it has one. */
  path: string | undefined;
  email: string | undefined;
  plan: string | undefined;
  accountId: string | undefined;
  expiresAtMs: number | undefined;
  lastRefreshMs: number | undefined;
  /** Whether codexd refreshes it automatically. */
  refreshable: boolean;
}

export interface SourceOptions {
  /** `--bearer` */
  bearer?: string;
  /** The content of an auth.json, from `OPENAI_CODEX_AUTH` or a credential. */
  authJson?: string;
  /** The variable or file that contains `authJson` [OPENAI_CODEX_AUTH]. */
  authJsonFrom?: string;
  /** `--auth-file` */
  authFile?: string;
  /** codexd's own login file for this profile. */
  ownFile: string;
  /** Homes of the Codex CLI, e.g. `$CODEX_HOME` and `~/.codex`: the first that has a login is used. */
  codexHomes: string[];
  /** Sent instead of the token's own account ID. */
  accountId?: string;
  /** Use logins that are not codexd's own, but never refresh them. */
  readonly: boolean;
  server: LoginServer;
  /** Receives every credential in use, so that logs can redact it. */
  secrets: SecretSink;
  locks: Locks;
  now: () => number;
  log: Log;
}

export interface LoginSource {
  /** Refreshes the login first if that is due. */
  get(): Promise<Credentials>;
  /** Credentials to use after ChatGPT answered 401 to `rejected`. */
  refresh(rejected: Credentials): Promise<Credentials>;
  /** Refreshes now, whether or not a refresh is due. */
  forceRefresh(): Promise<Credentials>;
  /** Throws `login_required` if there is no usable login. */
  facts(): LoginFacts;
}

/** Where a login may be: a token fixed for the life of the process, or a file. */
interface LoginLocation {
  origin: LoginOrigin;
  path?: string;
  canRefresh(login: Login): boolean;
  /** Undefined if there is no login here. */
  read(): Login | undefined;
  ensureFresh(): Promise<Login>;
  recover(rejected: Credentials): Promise<Login>;
  forceRefresh(): Promise<Login>;
}

export function createLoginSource(options: SourceOptions): LoginSource {
  const locations = loginLocations(options);
  const owners = new Map<string, Claims>();

  /** The first location that has a login, even an unusable one: silently using another would surprise. */
  const choose = (): LoginLocation => {
    const location = locations.find(({ path }) => path === undefined || fileStamp(path) !== undefined);
    if (location) return location;
    throw noLoginFailure(options);
  };
  const toCredentials = async (login: Login): Promise<Credentials> => {
    options.secrets.add(login.accessToken, login.refreshToken);
    const claims = await claimsFor(login);
    options.secrets.add(claims.accountId, claims.userId, claims.email);
    return {
      accessToken: login.accessToken,
      accountId: options.accountId ?? claims.accountId,
      fedramp: claims.fedramp,
    };
  };
  /** The owner of a personal access token is looked up once. */
  const claimsFor = async (login: Login): Promise<Claims> => {
    if (login.kind !== 'personal') return login.claims;
    let owner = owners.get(login.accessToken);
    if (!owner) {
      owner = await whoami(options.server, login.accessToken);
      owners.set(login.accessToken, owner);
    }
    return owner;
  };

  return {
    get: async () => toCredentials(await choose().ensureFresh()),
    refresh: async (rejected) => {
      // An account ID from the settings does not tell whose login it was.
      const accountId = options.accountId === undefined ? rejected.accountId : undefined;
      return toCredentials(await choose().recover({ ...rejected, accountId }));
    },
    forceRefresh: async () => toCredentials(await choose().forceRefresh()),
    facts: () => {
      const location = choose();
      const login = location.read();
      if (!login) throw noLoginFailure(options);
      const { email, plan, accountId, expiresAtMs } = owners.get(login.accessToken) ?? login.claims;
      return {
        origin: location.origin,
        path: location.path,
        email,
        plan,
        accountId: options.accountId ?? accountId,
        expiresAtMs,
        lastRefreshMs: login.lastRefreshMs,
        refreshable: location.canRefresh(login),
      };
    },
  };
}

function loginLocations(options: SourceOptions): LoginLocation[] {
  const {
    bearer,
    authJson,
    authJsonFrom = 'OPENAI_CODEX_AUTH',
    authFile,
    ownFile,
    codexHomes,
    readonly,
  } = options;
  if (bearer) {
    const login = loginFromToken(bearer);
    return [tokenLocation('bearer', 'The token from `--bearer`', () => login, options.now)];
  }
  if (authJson) {
    return [variableLocation(`The login in ${authJsonFrom}`, authJson, options)];
  }
  if (authFile) return [fileLocation('auth-file', `The login in ${authFile}`, authFile, readonly, options)];
  return [
    fileLocation('own', 'Your codexd login', ownFile, false, options),
    ...codexHomes.map((home) =>
      fileLocation('codex', "The Codex CLI's login", join(home, 'auth.json'), readonly, options),
    ),
  ];
}

/** A login without a file. It is never refreshed: the new tokens could not be stored, and the old ones would be used up. */
function tokenLocation(
  origin: LoginOrigin,
  name: string,
  read: () => Login,
  now: () => number,
): LoginLocation {
  const refuse = (clause: string) => {
    throw new Failure('login_required', `${name} ${clause}, and codexd cannot refresh it.`, {
      advice: 'Set a valid token, or remove it and run `codexd login`.',
    });
  };
  return {
    origin,
    canRefresh: () => false,
    read,
    ensureFresh: async () => {
      const login = read();
      return isExpired(login, now()) ? refuse('has expired') : login;
    },
    recover: async () => refuse('was rejected by ChatGPT'),
    forceRefresh: async () => refuse('is not stored in a file'),
  };
}

/** A whole login in a variable. Unless `readonly` is set, its refreshed tokens go to a file of codexd's own. */
function variableLocation(name: string, text: string, options: SourceOptions): LoginLocation {
  const path = variableLoginPath(options.ownFile, text);
  const file = new LoginFile({ ...options, path, name });
  const login = new VariableLogin({ name, text, path, file, now: options.now });
  if (options.readonly || !isRefreshable(text, name)) {
    return tokenLocation('environment', name, () => login.original(), options.now);
  }
  return {
    origin: 'environment',
    canRefresh: (found) => file.canRefresh(found),
    read: () => login.read(),
    ensureFresh: () => login.ensureFresh(),
    recover: (rejected) => login.recover(rejected),
    forceRefresh: () => login.forceRefresh(),
  };
}

function isRefreshable(text: string, name: string): boolean {
  try {
    return readLogin(parseAuthFile(text, name), name).refreshToken !== undefined;
  } catch {
    return false; // reported when the login is used
  }
}

function fileLocation(
  origin: LoginOrigin,
  name: string,
  path: string,
  readonly: boolean,
  { server, secrets, locks, now, log }: SourceOptions,
): LoginLocation {
  const file = new LoginFile({ path, name, readonly, server, secrets, locks, now, log });
  return {
    origin,
    path,
    canRefresh: (login) => file.canRefresh(login),
    read: () => file.read(),
    ensureFresh: () => file.ensureFresh(),
    recover: (rejected) => file.recover(rejected),
    forceRefresh: () => file.forceRefresh(),
  };
}

function noLoginFailure({ authFile, codexHomes }: SourceOptions): Failure {
  if (authFile) {
    return new Failure('login_required', `No login found in ${authFile}.`, {
      advice: 'Correct --auth-file, or remove it and run `codexd login`.',
    });
  }
  if (codexHomes.some(storesLoginInKeyring)) {
    return new Failure(
      'login_required',
      'The Codex CLI stores its login in the system keyring, which codexd cannot read.',
      {
        code: 'login_in_keyring',
        advice: 'Run `codexd login` to give codexd its own login.',
      },
    );
  }
  return new Failure('login_required', 'Not logged in to ChatGPT.');
}

/** Whether the Codex CLI's config.toml sets `cli_auth_credentials_store` to something other than a file. */
function storesLoginInKeyring(codexHome: string): boolean {
  try {
    const config = readFileSync(join(codexHome, 'config.toml'), 'utf8');
    return /^[ \t]*cli_auth_credentials_store[ \t]*=[ \t]*["'](keyring|auto)["']/m.test(config);
  } catch {
    return false;
  }
}
