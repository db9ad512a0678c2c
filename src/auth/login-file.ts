// One login on disk, kept fresh for everybody who shares it: other codexd processes and the Codex CLI.
//
// What must hold: no refresh token is sent that somebody, we included, may already have spent. So: one refresh at a time
// in this process, the Codex CLI's lock around read–refresh–write, the file read again under the lock, the new tokens on
// disk before anybody uses them.
import { asFailure, Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import type { Locks } from './lock.ts';
import { cannotWrite, commit, holdLogin, prepareCommit } from './locked-file.ts';
import { isDue, isExpired, type Login, readLogin } from './login.ts';
import type { SecretSink } from './source.ts';
import { type AuthFile, loadAuthFile, stampOf, type Writing, withTokens } from './store.ts';
import { judgeRefresh, type RefreshReason, refreshRequest } from './token.ts';
import { type LoginServer, send } from './wire.ts';

/** After a renewal that failed for the moment, the next one waits this long. */
const laterMs = 10_000;
/** A token refused this soon after it was issued is probably good: it is sent once more before it is replaced. */
const justIssuedMs = 60_000;
/** Refreshes after refusals within `justIssuedMs`: more would not help an account that is refused whatever it sends. */
const mostRecoveries = 2;

export interface LoginFileOptions {
  path: string;
  /** What it is called in messages, e.g. "The Codex CLI's login in ~/.codex/auth.json". */
  name: string;
  /** Only look: somebody else renews it. */
  readonly: boolean;
  server: LoginServer;
  secrets: SecretSink;
  locks: Locks;
  now: () => number;
  log: Log;
}

export class LoginFile {
  readonly #options: LoginFileOptions;
  /** The file as it was when it had this stamp. */
  #seen: { stamp: string; auth: AuthFile; login: Login } | undefined;
  /** The disk is behind `#seen`, because the renewed login could not be written. */
  #unsaved = false;
  #inFlight: Promise<Login> | undefined;
  /** The refresh token that was refused for good, and what to say until the file holds another. */
  #revoked: { refreshToken: string; failure: Failure } | undefined;
  #later: { atMs: number; failure: Failure } | undefined;
  #issued: { accessToken: string; atMs: number; wasRefused: boolean } | undefined;
  /** When the last refreshes after a refusal were. */
  #recoveredAtMs: number[] = [];

  constructor(options: LoginFileOptions) {
    this.#options = options;
  }

  /** The login as it lies there now; undefined without a file. */
  read(): Login | undefined {
    const { path } = this.#options;
    const stamp = stampOf(path);
    if (!stamp) {
      this.#seen = undefined;
      return undefined;
    }
    if (this.#seen?.stamp !== stamp) {
      const auth = this.#load();
      if (!auth) return this.#seen?.login;
      this.#unsaved = false;
      return this.#see(stamp, auth);
    }
    return this.#seen.login;
  }

  #see(stamp: string, auth: AuthFile): Login {
    const { name, secrets } = this.#options;
    const login = readLogin(auth, name);
    secrets.add(login.accessToken, login.refreshToken, login.claims.accountId);
    this.#seen = { stamp, auth, login };
    return login;
  }

  /** Older Codex CLIs write in place: half a file is theirs being written, and is read again when the stamp changes. */
  #load(): AuthFile | undefined {
    try {
      return loadAuthFile(this.#options.path);
    } catch (thrown) {
      if (this.#seen) return undefined;
      throw thrown;
    }
  }

  /** Whether codexd refreshes it: not where it may only look, and not with a refresh token that was refused for good. */
  canRefresh(login: Login): boolean {
    return this.#mayRefresh(login) && this.#revoked?.refreshToken !== login.refreshToken;
  }

  /** A login good for the next five minutes, or as long as it lasts when it cannot be renewed now. */
  async fresh(): Promise<Login> {
    const { now, name } = this.#options;
    const login = this.#present();
    if (!isDue(login, now())) return login;
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
   * After ChatGPT answered 401 to `refused`: what is on disk by now; the same token once more if it is new, because a
   * single 401 may be a mistake; else one refresh.
   */
  async replace(refused: { accessToken: string; accountId: string | undefined }): Promise<Login> {
    const { now, name } = this.#options;
    const login = this.#present();
    this.#sameAccount(refused.accountId, login);
    if (login.accessToken !== refused.accessToken && !isDue(login, now())) return login;
    if (!this.#mayRefresh(login)) {
      throw new Failure(
        'login_required',
        `ChatGPT does not accept ${lower(name)}, and ${this.#cannotRefreshReason(login)}.`,
      );
    }
    const issued = this.#issued;
    const isNew = issued?.accessToken === refused.accessToken && now() - issued.atMs < justIssuedMs;
    if (isNew && !issued.wasRefused) {
      issued.wasRefused = true;
      return login;
    }
    this.#recoveredAtMs = this.#recoveredAtMs.filter((atMs) => now() - atMs < justIssuedMs);
    if (isNew && this.#recoveredAtMs.length >= mostRecoveries) {
      throw new Failure('login_required', `ChatGPT refuses ${lower(name)} right after it was refreshed.`, {
        code: 'login_refused',
        advice: 'Wait a minute; if it stays, run `codexd login`.',
      });
    }
    return this.#refresh(login, 'unauthorized_recovery');
  }

  /** Renews although nothing is due. */
  async force(): Promise<Login> {
    const login = this.#present();
    if (this.#mayRefresh(login)) return this.#refresh(login, 'forced');
    throw new Failure(
      'invalid_request',
      `${this.#options.name} was not refreshed: ${this.#cannotRefreshReason(login)}.`,
    );
  }

  #present(): Login {
    const login = this.read();
    if (login) return login;
    throw new Failure('login_required', `${this.#options.name} is gone.`);
  }

  #mayRefresh(login: Login): boolean {
    return !this.#options.readonly && login.refreshToken !== undefined;
  }

  #cannotRefreshReason(login: Login): string {
    if (login.kind === 'external') return 'only the application that issued it can refresh it';
    if (login.kind === 'personal') return 'a personal access token cannot be refreshed';
    if (!login.refreshToken) return 'it has no refresh token';
    return 'codexd may not refresh it (--auth-readonly)';
  }

  /** One renewal for all waiters. */
  #refresh(stale: Login, reason: RefreshReason): Promise<Login> {
    this.#throwIfFailedBefore(stale);
    this.#inFlight ??= this.#refreshLocked(stale, reason)
      .catch((thrown: unknown) => {
        throw this.#remember(thrown);
      })
      .finally(() => {
        this.#inFlight = undefined;
      });
    return this.#inFlight;
  }

  #throwIfFailedBefore(login: Login): void {
    if (this.#revoked && this.#revoked.refreshToken === login.refreshToken) throw this.#revoked.failure;
    if (this.#later && this.#options.now() < this.#later.atMs) throw this.#later.failure;
  }

  /** What did not decide anything is tried again, but not by every request. */
  #remember(thrown: unknown): Failure {
    const { path, now, log } = this.#options;
    const failure = cannotWrite('login_required', path, thrown);
    if (failure !== this.#revoked?.failure && failure.code !== 'account_changed') {
      this.#later = { atMs: now() + laterMs, failure };
    }
    const fields = { error: failure.message, code: failure.code };
    // Where nothing is left to use, the failure itself says so to whoever waits.
    if (this.#seen === undefined || isExpired(this.#seen.login, now()))
      log.info('the login was not refreshed', fields);
    else log.warn('the login was not refreshed; its access token is used until it expires', fields);
    return failure;
  }

  async #refreshLocked(stale: Login, reason: RefreshReason): Promise<Login> {
    const { locks, path, now } = this.#options;
    return holdLogin(locks, path, async () => {
      const login = this.#reread();
      this.#sameAccount(stale.claims.accountId, login);
      if (login.accessToken !== stale.accessToken && !isDue(login, now())) return login;
      if (!login.refreshToken) return login;
      this.#throwIfFailedBefore(login);
      return this.#refreshWith(login.refreshToken, reason);
    });
  }

  #reread(): Login {
    if (!this.#unsaved) this.#seen = undefined;
    return this.#present();
  }

  async #refreshWith(refreshToken: string, reason: RefreshReason): Promise<Login> {
    const { path, server, locks, now, log } = this.#options;
    // A refresh token is spent only on what can be kept.
    const writing = await prepareCommit(locks, path);
    try {
      const request = refreshRequest(server, refreshToken, reason);
      // When the answer is lost the token may be spent: the next attempt starts with reading the file again.
      const answer = await send(server.fetch, request, 'refresh the login');
      const verdict = judgeRefresh(answer, request.secrets);
      if (verdict.kind === 'transient') throw verdict.failure;
      if (verdict.kind === 'final') return this.#markRevoked(refreshToken, verdict);
      const auth = withTokens(this.#seen!.auth, verdict.tokens, now());
      await this.#save(writing, auth);
      if (!verdict.tokens.access_token) {
        throw new Failure(
          'upstream_broke',
          'The login server refreshed the login without a new access token.',
        );
      }
      this.#later = undefined;
      const login = this.#present();
      this.#issued = { accessToken: login.accessToken, atMs: now(), wasRefused: false };
      if (reason === 'unauthorized_recovery') this.#recoveredAtMs.push(now());
      log.info('the login was refreshed', { reason });
      return login;
    } finally {
      writing.abandon();
    }
  }

  /** Losing tokens that were paid for with the old ones would be worse than using them unsaved. */
  async #save(writing: Writing, auth: AuthFile): Promise<void> {
    const { path, locks, log } = this.#options;
    try {
      await commit(locks, path, writing, auth);
      this.#unsaved = false;
    } catch (thrown) {
      this.#unsaved = true;
      log.error('the refreshed login is lost when codexd stops', {
        error: cannotWrite('forbidden', path, thrown).message,
      });
    }
    this.#see(stampOf(path) ?? '', auth);
  }

  /** Somebody who takes no lock may have been faster: then the file holds another token by now. */
  #markRevoked(refreshToken: string, verdict: { code: string; why: string }): Login {
    const login = this.#reread();
    if (login.refreshToken !== refreshToken) return login;
    const failure = new Failure(
      'login_required',
      `${this.#options.name} cannot be refreshed: ${verdict.why}.`,
      {
        code: verdict.code,
      },
    );
    this.#revoked = { refreshToken, failure };
    throw failure;
  }

  #sameAccount(accountId: string | undefined, login: Login): void {
    const found = login.claims.accountId;
    if (accountId === undefined || found === undefined || accountId === found) return;
    throw new Failure('unavailable', 'Another account logged in while the request was under way.', {
      code: 'account_changed',
      advice: 'Send the request again; it will use the new account.',
    });
  }
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
