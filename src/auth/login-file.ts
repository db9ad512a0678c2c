// A login file, kept fresh for every process that shares it: other codexd processes and the Codex CLI.
//
// A refresh token works once, so one that any process may already have used must never be sent. Hence: one refresh at a
// time in this process, the Codex CLI's lock around read, refresh and write, the file read again under the lock, and the
// new tokens on disk before anything uses them.
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Locks } from './lock.ts';
import { commit, prepareCommit, withLoginLock, writeFailure } from './locked-file.ts';
import { isExpired, isRefreshDue, type Login, readLogin } from './login.ts';
import { type LoginServer, send } from './login-server.ts';
import { type AuthFile, type AuthFileWriter, fileStamp, loadAuthFile, withTokens } from './store.ts';
import { interpretRefresh, type RefreshReason, refreshRequest } from './token.ts';

/** Wait before the next refresh after a temporary failure. */
const backoffMs = 10_000;
/** A token rejected this soon after it was issued is probably good: it is sent once more before it is refreshed. */
const justIssuedMs = 60_000;
/** Refreshes after a 401 within `justIssuedMs`. More would not help an account whose every token is rejected. */
const maxRecoveries = 2;

/** `KnownSecrets` of src/log/redact.ts implements it. */
export interface SecretSink {
  add(...secrets: (string | undefined)[]): void;
}

export interface LoginFileOptions {
  path: string;
  /** Names the login in messages, e.g. "The Codex CLI's login". */
  name: string;
  /** Never refresh: that is left to the login's owner. */
  readonly: boolean;
  server: LoginServer;
  secrets: SecretSink;
  locks: Locks;
  now: () => number;
  log: Log;
}

export class LoginFile {
  readonly #options: LoginFileOptions;
  /** The content of the file when it had this stamp. */
  #cached: { stamp: string; auth: AuthFile; login: Login } | undefined;
  /** The refreshed login in `#cached` could not be written to disk. */
  #unsaved = false;
  #inFlight: Promise<Login> | undefined;
  /** The refresh token that the server rejected for good, and the failure to throw until the file contains another. */
  #revoked: { refreshToken: string; failure: Failure } | undefined;
  /** No refresh before `untilMs`; callers get `failure`. */
  #backoff: { untilMs: number; failure: Failure } | undefined;
  /** The access token of the last refresh, and whether ChatGPT has rejected it once. */
  #issued: { accessToken: string; atMs: number; wasRejected: boolean } | undefined;
  /** Times of the latest refreshes after a 401. */
  #recoveredAtMs: number[] = [];

  constructor(options: LoginFileOptions) {
    this.#options = options;
  }

  /** The login currently in the file; undefined if there is no file. */
  read(): Login | undefined {
    const { path } = this.#options;
    const stamp = fileStamp(path);
    if (!stamp) {
      this.#cached = undefined;
      return undefined;
    }
    if (this.#cached?.stamp !== stamp) {
      const auth = this.#load();
      if (!auth) return this.#cached?.login;
      this.#unsaved = false;
      return this.#cache(stamp, auth);
    }
    return this.#cached.login;
  }

  #cache(stamp: string, auth: AuthFile): Login {
    const { name, secrets } = this.#options;
    const login = readLogin(auth, name);
    secrets.add(login.accessToken, login.refreshToken, login.claims.accountId);
    this.#cached = { stamp, auth, login };
    return login;
  }

  /** Older Codex CLIs write in place: a half-written file is ignored and read again when its stamp changes. */
  #load(): AuthFile | undefined {
    try {
      return loadAuthFile(this.#options.path);
    } catch (thrown) {
      if (this.#cached) return undefined;
      throw thrown;
    }
  }

  /** Whether codexd refreshes it: not if `readonly` is set, nor with a refresh token that was rejected for good. */
  canRefresh(login: Login): boolean {
    return this.#mayRefresh(login) && this.#revoked?.refreshToken !== login.refreshToken;
  }

  /** The login, refreshed if it expires within five minutes; if that fails, the old one while it is valid. */
  async ensureFresh(): Promise<Login> {
    const { now, name } = this.#options;
    const login = this.#require();
    if (!isRefreshDue(login, now())) return login;
    if (!this.#mayRefresh(login)) {
      if (!isExpired(login, now())) return login;
      throw new Failure('login_required', `${name} has expired, and ${this.#cannotRefreshReason(login)}.`);
    }
    try {
      return await this.#refresh(login, 'proactive_expiry');
    } catch (thrown) {
      const failure = asFailure(thrown);
      if (failure.code === 'account_changed' || isExpired(login, now())) throw failure;
      return login;
    }
  }

  /**
   * The login to use after ChatGPT answered 401 to `rejected`: the one on disk if it has changed; the same once more if it
   * was just issued, because a single 401 may be a mistake; otherwise a refreshed one.
   */
  async recover(rejected: { accessToken: string; accountId: string | undefined }): Promise<Login> {
    const { now, name } = this.#options;
    const login = this.#require();
    this.#requireSameAccount(rejected.accountId, login);
    if (login.accessToken !== rejected.accessToken && !isRefreshDue(login, now())) return login;
    if (!this.#mayRefresh(login)) {
      throw new Failure(
        'login_required',
        `ChatGPT rejected ${lowerFirst(name)}, and ${this.#cannotRefreshReason(login)}.`,
      );
    }
    const issued = this.#issued;
    const isNew = issued?.accessToken === rejected.accessToken && now() - issued.atMs < justIssuedMs;
    if (isNew && !issued.wasRejected) {
      issued.wasRejected = true;
      return login;
    }
    this.#recoveredAtMs = this.#recoveredAtMs.filter((atMs) => Math.abs(now() - atMs) < justIssuedMs);
    if (isNew && this.#recoveredAtMs.length >= maxRecoveries) {
      throw new Failure(
        'login_required',
        `ChatGPT rejected ${lowerFirst(name)} right after it was refreshed.`,
        {
          code: 'login_refused',
          advice: 'Wait a minute and try again; if this persists, run `codexd login`.',
        },
      );
    }
    return this.#refresh(login, 'unauthorized_recovery');
  }

  /** Refreshes now, whether or not a refresh is due. */
  async forceRefresh(): Promise<Login> {
    const login = this.#require();
    if (this.#mayRefresh(login)) return this.#refresh(login, 'forced');
    throw new Failure(
      'invalid_request',
      `${this.#options.name} was not refreshed: ${this.#cannotRefreshReason(login)}.`,
    );
  }

  #require(): Login {
    const login = this.read();
    if (login) return login;
    throw new Failure('login_required', `${this.#options.name} no longer exists.`);
  }

  #mayRefresh(login: Login): boolean {
    return !this.#options.readonly && login.refreshToken !== undefined;
  }

  #cannotRefreshReason(login: Login): string {
    if (login.kind === 'external') return 'only the application that issued it can refresh it';
    if (login.kind === 'personal') return 'a personal access token cannot be refreshed';
    if (!login.refreshToken) return 'it has no refresh token';
    return '--auth-readonly forbids codexd to refresh it';
  }

  /** One refresh shared by all callers. */
  #refresh(stale: Login, reason: RefreshReason): Promise<Login> {
    this.#throwIfFailedBefore(stale);
    this.#inFlight ??= this.#refreshLocked(stale, reason)
      .catch((thrown: unknown) => {
        throw this.#recordFailure(thrown);
      })
      .finally(() => {
        this.#inFlight = undefined;
      });
    return this.#inFlight;
  }

  #throwIfFailedBefore(login: Login): void {
    if (this.#revoked && this.#revoked.refreshToken === login.refreshToken) throw this.#revoked.failure;
    const leftMs = (this.#backoff?.untilMs ?? 0) - this.#options.now();
    // More is left only if the clock was set back.
    if (this.#backoff && leftMs > 0 && leftMs <= backoffMs) throw this.#backoff.failure;
  }

  /** A temporary failure is remembered, so that not every request retries immediately. */
  #recordFailure(thrown: unknown): Failure {
    const { path, now, log } = this.#options;
    const failure = writeFailure('login_required', path, thrown);
    if (failure !== this.#revoked?.failure && failure.code !== 'account_changed') {
      this.#backoff = { untilMs: now() + backoffMs, failure };
    }
    const fields = { error: failure.message, code: failure.code };
    // If no usable token is left, the caller reports the failure itself.
    if (this.#cached === undefined || isExpired(this.#cached.login, now()))
      log.info('could not refresh the login', fields);
    else log.warn('could not refresh the login; using its access token until it expires', fields);
    return failure;
  }

  async #refreshLocked(stale: Login, reason: RefreshReason): Promise<Login> {
    const { locks, path, now } = this.#options;
    return withLoginLock(locks, path, async () => {
      const login = this.#readAgain();
      this.#requireSameAccount(stale.claims.accountId, login);
      if (login.accessToken !== stale.accessToken && !isRefreshDue(login, now())) return login;
      if (!login.refreshToken) return login;
      this.#throwIfFailedBefore(login);
      return this.#refreshWith(login.refreshToken, reason);
    });
  }

  #readAgain(): Login {
    if (!this.#unsaved) this.#cached = undefined;
    return this.#require();
  }

  async #refreshWith(refreshToken: string, reason: RefreshReason): Promise<Login> {
    const { path, server, locks, now, log } = this.#options;
    // The refresh token is used up by the request, so first make sure that the result can be stored.
    const writer = await prepareCommit(locks, path);
    try {
      const request = refreshRequest(server, refreshToken, reason);
      // If the response is lost, the token may be used up: the next attempt reads the file again first.
      const response = await send(server.fetch, request, 'refresh the login');
      const outcome = interpretRefresh(response, request.secrets);
      if (outcome.kind === 'transient') throw outcome.failure;
      if (outcome.kind === 'final') return this.#markRevoked(refreshToken, outcome);
      const auth = withTokens(this.#cached!.auth, outcome.tokens, now());
      await this.#save(writer, auth);
      if (!outcome.tokens.access_token) {
        throw new Failure('upstream_broke', 'The login server refreshed the login but sent no access token.');
      }
      this.#backoff = undefined;
      const login = this.#require();
      this.#issued = { accessToken: login.accessToken, atMs: now(), wasRejected: false };
      if (reason === 'unauthorized_recovery') this.#recoveredAtMs.push(now());
      log.info('refreshed the login', { reason });
      return login;
    } finally {
      writer.abandon();
    }
  }

  /** If writing fails, the new tokens are used unsaved: the old ones no longer work. */
  async #save(writer: AuthFileWriter, auth: AuthFile): Promise<void> {
    const { path, locks, log } = this.#options;
    try {
      await commit(locks, path, writer, auth);
      this.#unsaved = false;
    } catch (thrown) {
      this.#unsaved = true;
      log.error('could not save the refreshed login; it will be lost on exit', {
        error: writeFailure('forbidden', path, thrown).message,
      });
    }
    this.#cache(fileStamp(path) ?? '', auth);
  }

  /** A program that ignores the lock may have refreshed first: then the file already contains another token. */
  #markRevoked(refreshToken: string, outcome: { code: string; why: string }): Login {
    const login = this.#readAgain();
    if (login.refreshToken !== refreshToken) return login;
    const failure = new Failure(
      'login_required',
      `${this.#options.name} cannot be refreshed: ${outcome.why}.`,
      {
        code: outcome.code,
      },
    );
    this.#revoked = { refreshToken, failure };
    throw failure;
  }

  #requireSameAccount(accountId: string | undefined, login: Login): void {
    const found = login.claims.accountId;
    if (accountId === undefined || found === undefined || accountId === found) return;
    throw new Failure('unavailable', 'Another account logged in during the request.', {
      code: 'account_changed',
      advice: 'Send the request again to use the new account.',
    });
  }
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
