// Which login is used (the first that exists: flag, variable, file, own store, the Codex CLI's), and how it becomes
// credentials. Fits `TokenSource` of
// src/upstream/credentials.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Claims } from './jwt.ts';
import type { Locks } from './lock.ts';
import { isExpired, type Login, loginOfToken, readLogin } from './login.ts';
import { LoginFile } from './login-file.ts';
import { parseAuthFile, stampOf } from './store.ts';
import { VariableLogin, variableLoginPath } from './variable-login.ts';
import { whoami } from './whoami.ts';
import type { LoginServer } from './wire.ts';

/** Fits `KnownSecrets` of src/log/redact.ts. */
export interface SecretSink {
  add(...secrets: (string | undefined)[]): void;
}

/** Where a login came from. */
export type Origin = 'bearer' | 'environment' | 'auth-file' | 'own' | 'codex';

export interface Credentials {
  accessToken: string;
  accountId: string | undefined;
  fedramp: boolean;
}

/** What can be told about the login without using it. Never a token. */
export interface LoginFacts {
  origin: Origin;
  /** Where it lies, if it lies somewhere. */
  path: string | undefined;
  email: string | undefined;
  plan: string | undefined;
  accountId: string | undefined;
  expiresAtMs: number | undefined;
  lastRefreshMs: number | undefined;
  /** Whether codexd renews it by itself. */
  renewable: boolean;
}

export interface SourceOptions {
  /** `--bearer` */
  bearer?: string;
  /** `OPENAI_CODEX_AUTH`: a whole auth.json. */
  authJson?: string;
  /** `--auth-file` */
  authFile?: string;
  /** codexd's own store of this profile. */
  ownFile: string;
  /** Homes of the Codex CLI, e.g. `$CODEX_HOME` and `~/.codex`: the first with a login counts. */
  codexHomes: string[];
  /** Sent instead of the account that the token names. */
  accountId?: string;
  /** Logins that are not codexd's own are used and never renewed. */
  readonly: boolean;
  server: LoginServer;
  /** Is told every credential that is in use. */
  secrets: SecretSink;
  locks: Locks;
  now: () => number;
  log: Log;
}

export interface LoginSource {
  get(): Promise<Credentials>;
  renew(refused: Credentials): Promise<Credentials>;
  /** Renews now although nothing is due. */
  force(): Promise<Credentials>;
  /** Throws `login_required` when there is no login or none that can be used. */
  facts(): LoginFacts;
}

/** One place where a login may be: fixed for the life of the process, or a file. */
interface Place {
  origin: Origin;
  path?: string;
  canRefresh(login: Login): boolean;
  /** undefined when there is nothing. */
  read(): Login | undefined;
  fresh(): Promise<Login>;
  replace(refused: Credentials): Promise<Login>;
  force(): Promise<Login>;
}

export function createLoginSource(options: SourceOptions): LoginSource {
  const places = placesOf(options);
  const owners = new Map<string, Claims>();

  /** The first place that has something, also when that turns out to be unusable: falling through would surprise. */
  const choose = (): Place => {
    const place = places.find(({ path }) => path === undefined || stampOf(path) !== undefined);
    if (place) return place;
    throw noLogin(options);
  };
  const credentials = async (login: Login): Promise<Credentials> => {
    options.secrets.add(login.accessToken, login.refreshToken);
    const claims = await claimsFor(login);
    options.secrets.add(claims.accountId, claims.userId, claims.email);
    return {
      accessToken: login.accessToken,
      accountId: options.accountId ?? claims.accountId,
      fedramp: claims.fedramp,
    };
  };
  /** A personal token's owner is asked for once. */
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
    get: async () => credentials(await choose().fresh()),
    renew: async (refused) => {
      // An account id set by hand says nothing about whose login it was.
      const accountId = options.accountId === undefined ? refused.accountId : undefined;
      return credentials(await choose().replace({ ...refused, accountId }));
    },
    force: async () => credentials(await choose().force()),
    facts: () => {
      const place = choose();
      const login = place.read();
      if (!login) throw noLogin(options);
      const { email, plan, accountId, expiresAtMs } = owners.get(login.accessToken) ?? login.claims;
      return {
        origin: place.origin,
        path: place.path,
        email,
        plan,
        accountId: options.accountId ?? accountId,
        expiresAtMs,
        lastRefreshMs: login.lastRefreshMs,
        renewable: place.canRefresh(login),
      };
    },
  };
}

function placesOf(options: SourceOptions): Place[] {
  const { bearer, authJson, authFile, ownFile, codexHomes, readonly } = options;
  if (bearer) {
    const login = loginOfToken(bearer);
    return [fixed('bearer', 'The token given with `--bearer`', () => login, options.now)];
  }
  if (authJson) {
    return [inVariable('The login in OPENAI_CODEX_AUTH', authJson, options)];
  }
  if (authFile) return [inFile('auth-file', `The login in ${authFile}`, authFile, readonly, options)];
  return [
    inFile('own', 'Your codexd login', ownFile, false, options),
    ...codexHomes.map((home) =>
      inFile('codex', "The Codex CLI's login", join(home, 'auth.json'), readonly, options),
    ),
  ];
}

/** A login that has no file: a renewed one could not be kept, and would leave a spent one behind. */
function fixed(origin: Origin, name: string, read: () => Login, now: () => number): Place {
  const refuse = (clause: string) => {
    throw new Failure('login_required', `${name} ${clause}, and codexd cannot refresh it.`, {
      advice: 'Set a new one, or run `codexd login` and leave it out.',
    });
  };
  return {
    origin,
    canRefresh: () => false,
    read,
    fresh: async () => {
      const login = read();
      return isExpired(login, now()) ? refuse('has expired') : login;
    },
    replace: async () => refuse('is not accepted by ChatGPT'),
    force: async () => refuse('has no file'),
  };
}

/** A login that a variable holds whole, refreshed in a file of codexd's own unless logins of others are left alone. */
function inVariable(name: string, text: string, options: SourceOptions): Place {
  const path = variableLoginPath(options.ownFile, text);
  const file = new LoginFile({ ...options, path, name });
  const login = new VariableLogin({ name, text, path, file, now: options.now });
  if (options.readonly || !isRefreshable(text, name)) {
    return fixed('environment', name, () => login.parsed(), options.now);
  }
  return {
    origin: 'environment',
    canRefresh: (found) => file.canRefresh(found),
    read: () => login.read(),
    fresh: () => login.fresh(),
    replace: (refused) => login.replace(refused),
    force: () => login.force(),
  };
}

function isRefreshable(text: string, name: string): boolean {
  try {
    return readLogin(parseAuthFile(text, name), name).refreshToken !== undefined;
  } catch {
    return false; // said when the login is used
  }
}

function inFile(
  origin: Origin,
  name: string,
  path: string,
  readonly: boolean,
  { server, secrets, locks, now, log }: SourceOptions,
): Place {
  const file = new LoginFile({ path, name, readonly, server, secrets, locks, now, log });
  return {
    origin,
    path,
    canRefresh: (login) => file.canRefresh(login),
    read: () => file.read(),
    fresh: () => file.fresh(),
    replace: (refused) => file.replace(refused),
    force: () => file.force(),
  };
}

function noLogin({ authFile, codexHomes }: SourceOptions): Failure {
  if (authFile) {
    return new Failure('login_required', `There is no login in ${authFile}.`, {
      advice: 'Correct --auth-file, or leave it out and run `codexd login`.',
    });
  }
  if (codexHomes.some(keepsLoginElsewhere)) {
    return new Failure(
      'login_required',
      'The Codex CLI is set to keep its login in the system keyring, where codexd does not look.',
      {
        code: 'login_in_keyring',
        advice: 'Run `codexd login` for a login of its own.',
      },
    );
  }
  return new Failure('login_required', 'There is no ChatGPT login yet.');
}

/** `cli_auth_credentials_store` of the Codex CLI's config.toml: with anything but a file there is no auth.json. */
function keepsLoginElsewhere(codexHome: string): boolean {
  try {
    const config = readFileSync(join(codexHome, 'config.toml'), 'utf8');
    return /^[ \t]*cli_auth_credentials_store[ \t]*=[ \t]*["'](keyring|auto)["']/m.test(config);
  } catch {
    return false;
  }
}
