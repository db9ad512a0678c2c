// The loopback server that a browser login comes back to, and
// the same answer when it is pasted into the terminal instead.
import { asFailure, Failure } from '../failure.ts';
import { errorPage, successPage } from './callback-pages.ts';
import type { Tokens } from './token.ts';
import { type Fetch, presentable } from './wire.ts';

/** The two ports that are registered for this client id; no other will be redirected to. */
export const registeredPorts: readonly number[] = [1455, 1457];
const bindRetries = 10;
const bindRetryMs = 200;
const cancelTimeoutMs = 1_000;
/** How long a browser may take to ask for the success page before the login ends without it. */
const successTimeoutMs = 2_000;

/** A suffix the authorization page has added to the state since mid-2026. */
const onboardingSuffix = '.onboarding_entrypoint=life_sciences';

export type CallbackVerdict =
  | { kind: 'mismatch' }
  | { kind: 'refused'; code: string; message: string }
  | { kind: 'granted'; code: string };

/** What the query of a callback says. The state comes first: an answer to somebody else's question is no answer. */
export function judgeCallback(query: URLSearchParams, state: string): CallbackVerdict {
  const given = query.get('state');
  if (given !== state && given !== state + onboardingSuffix) return { kind: 'mismatch' };
  const error = query.get('error');
  if (error) {
    const description = query.get('error_description') ?? '';
    if (error === 'access_denied' && description.includes('missing_codex_entitlement')) {
      return {
        kind: 'refused',
        code: error,
        message: 'Codex is not enabled for this workspace; its admin must enable it.',
      };
    }
    return { kind: 'refused', code: presentable(error), message: presentable(description || error) };
  }
  const code = query.get('code');
  if (code) return { kind: 'granted', code };
  return {
    kind: 'refused',
    code: 'missing_authorization_code',
    message: 'The login page sent no authorization code.',
  };
}

/** The query of a redirected URL as somebody copied it, whole or from the question mark on. */
export function readPasted(text: string): URLSearchParams | undefined {
  const query = text
    .trim()
    .replace(/^[^?]*\?/, '')
    .replace(/#.*$/, '');
  const params = new URLSearchParams(query);
  return params.has('state') && (params.has('code') || params.has('error')) ? params : undefined;
}

export interface CallbackOptions<Login> {
  /** Tried in this order. */
  ports: readonly number[];
  state: string;
  exchange: (code: string, redirectUri: string) => Promise<Tokens>;
  /** Spends the code, which works once, when it knows that it can keep the tokens. */
  save: (exchange: () => Promise<Tokens>) => Promise<Login>;
  fetch: Fetch;
  sleep: (ms: number) => Promise<void>;
  /** Says what takes a moment. */
  note: (text: string) => void;
}

export interface Callback<Login> {
  redirectUri: string;
  port: number;
  /** Settles once, when the login is saved, refused or cancelled. */
  result: Promise<Login>;
  /** Takes a pasted URL; says what is wrong with it when it cannot be this login's answer. */
  paste(text: string): string | undefined;
  /** Stops listening after the answers under way are out. */
  close(): Promise<void>;
}

export async function openCallback<Login>(options: CallbackOptions<Login>): Promise<Callback<Login>> {
  const session = new CallbackSession(options);
  const server = await bindFirst(options, (request) => session.answer(request));
  session.redirectUri = `http://127.0.0.1:${server.port}/auth/callback`;
  return {
    redirectUri: session.redirectUri,
    port: server.port ?? 0,
    result: session.result,
    paste: (text) => session.paste(text),
    close: async () => {
      session.stopWaiting();
      await server.stop();
    },
  };
}

class CallbackSession<Login> {
  redirectUri = '';
  readonly result: Promise<Login>;
  readonly #options: CallbackOptions<Login>;
  readonly #resolve: (login: Login) => void;
  readonly #reject: (failure: Failure) => void;
  /** Set with the first good code. A code works once, so whoever brings it again waits for the same outcome. */
  #finishing: Promise<Login> | undefined;
  #successTimer: Timer | undefined;

  constructor(options: CallbackOptions<Login>) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<Login>();
    // The owner may still be opening a browser when the answer comes; a rejection nobody awaits yet is not a crash.
    promise.catch(() => {});
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  async answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/auth/callback') return this.#callback(url.searchParams);
    if (url.pathname === '/success') return this.#success();
    if (url.pathname === '/cancel') {
      this.#reject(new Failure('cancelled', 'The login was cancelled by another login on this machine.'));
      return plain(200, 'Login cancelled');
    }
    return plain(404, 'Not Found');
  }

  paste(text: string): string | undefined {
    const query = readPasted(text);
    if (!query) return 'That is not the address the login ended on; it has `code=` and `state=` in it.';
    const verdict = judgeCallback(query, this.#options.state);
    if (verdict.kind === 'mismatch')
      return 'That address belongs to another login; use the one of this login.';
    if (verdict.kind === 'refused') this.#reject(refused(verdict.message, verdict.code));
    else this.#finish(verdict.code).then(this.#resolve, () => {});
    return undefined;
  }

  stopWaiting(): void {
    clearTimeout(this.#successTimer);
  }

  async #callback(query: URLSearchParams): Promise<Response> {
    const verdict = judgeCallback(query, this.#options.state);
    if (verdict.kind === 'mismatch') return plain(400, 'State mismatch');
    if (verdict.kind === 'refused') {
      this.#reject(refused(verdict.message, verdict.code));
      return html(errorPage(verdict.code, verdict.message));
    }
    try {
      const login = await this.#finish(verdict.code);
      this.#successTimer ??= setTimeout(() => this.#resolve(login), successTimeoutMs);
      return new Response(null, {
        status: 302,
        headers: { location: new URL('/success', this.redirectUri).href },
      });
    } catch (thrown) {
      const failure = asFailure(thrown);
      return html(errorPage(failure.code ?? 'login_failed', failure.message));
    }
  }

  async #success(): Promise<Response> {
    if (!this.#finishing) return plain(404, 'Not Found');
    const login = await this.#finishing.catch(() => undefined);
    if (login === undefined) return plain(404, 'Not Found');
    this.#resolve(login);
    return html(successPage, { connection: 'close' });
  }

  #finish(code: string): Promise<Login> {
    this.#finishing ??= this.#exchangeAndSave(code);
    return this.#finishing;
  }

  async #exchangeAndSave(code: string): Promise<Login> {
    try {
      return await this.#options.save(() =>
        this.#options
          .exchange(code, this.redirectUri)
          .catch((thrown: unknown) => fail(exchangeFailed, thrown)),
      );
    } catch (thrown) {
      const failure = asFailure(thrown);
      const named = failure.code === exchangeFailed ? failure : renamed(failure, 'persist_failed');
      this.#reject(named);
      throw named;
    }
  }
}

const exchangeFailed = 'token_exchange_failed';

/** The failure under the name that the error page shows for this step. */
function fail(code: string, thrown: unknown): never {
  throw renamed(asFailure(thrown), code);
}

function renamed(failure: Failure, code: string): Failure {
  const { kind, message, advice } = failure;
  return new Failure(kind, message, { code, advice, cause: failure });
}

function refused(message: string, code: string): Failure {
  return new Failure('upstream_refused', `The login was refused: ${message}`, {
    code,
    advice: 'Run `codexd login` again.',
  });
}

type Answering = (request: Request) => Promise<Response>;

/** A busy port may belong to another login that was forgotten: that one gives up when it is told to. */
async function bindFirst<Login>(options: CallbackOptions<Login>, answer: Answering) {
  for (const port of options.ports) {
    const server = tryBind(port, answer) ?? (await takeOver(options, port, answer));
    if (server) return server;
  }
  const [first, ...others] = options.ports;
  const busy = others.length === 0 ? `port ${first} is` : `ports ${options.ports.join(' and ')} are`;
  throw new Failure('forbidden', `Cannot wait for the browser: ${busy} in use.`, {
    code: 'port_in_use',
    advice: 'Close the other login, or run `codexd login --device`.',
  });
}

async function takeOver<Login>(options: CallbackOptions<Login>, port: number, answer: Answering) {
  options.note(`Port ${port} is in use. Asking for it…`);
  if (!(await cancelOther(options.fetch, port))) return undefined;
  for (let attempt = 0; attempt < bindRetries; attempt++) {
    const server = tryBind(port, answer);
    if (server) return server;
    await options.sleep(bindRetryMs);
  }
  return undefined;
}

function tryBind(port: number, answer: Answering) {
  try {
    return Bun.serve({
      hostname: '127.0.0.1',
      port,
      development: false,
      reusePort: false, // without development Bun 1.4.5 shares the port with another login
      idleTimeout: 60,
      fetch: answer,
      error: () => plain(500, 'Internal error'),
    });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'EADDRINUSE') return undefined;
    throw new Failure('invalid_request', `Cannot listen on port ${port} for the browser.`, { cause: thrown });
  }
}

/** Whether another login was there and gives the port back. Any other program keeps it, however long one waits. */
async function cancelOther(fetch: Fetch, port: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/cancel`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(cancelTimeoutMs),
    });
    return response.ok && /cancel/i.test((await response.text()).slice(0, 200));
  } catch {
    return false;
  }
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

function html(page: string, headers: Record<string, string> = {}): Response {
  return new Response(page, {
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', ...headers },
  });
}
