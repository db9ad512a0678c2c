// The loopback server that the browser is redirected to after a login. The redirected URL may also be pasted into the
// terminal.
import { asFailure, Failure } from '../failure.ts';
import { errorPage, successPage } from './callback-pages.ts';
import { interpretCallback, parsePastedUrl } from './callback-query.ts';
import type { Fetch } from './login-server.ts';
import type { Tokens } from './token.ts';

/** The two ports registered for this client ID; the login server redirects to no other. */
export const registeredPorts: readonly number[] = [1455, 1457];
const bindRetries = 10;
const bindRetryMs = 200;
const cancelTimeoutMs = 1_000;
/** The login ends this long after the redirect, even if the browser never requests the success page. */
const successTimeoutMs = 2_000;

export interface CallbackOptions<Login> {
  /** In order of preference. */
  ports: readonly number[];
  state: string;
  exchange: (code: string, redirectUri: string) => Promise<Tokens>;
  /** Must call `exchange` only after making sure that the tokens can be saved: the code works once. */
  save: (exchange: () => Promise<Tokens>) => Promise<Login>;
  fetch: Fetch;
  sleep: (ms: number) => Promise<void>;
  /** Reports a step that takes a moment. */
  note: (text: string) => void;
}

export interface Callback<Login> {
  redirectUri: string;
  port: number;
  /** Settles once, when the login is saved, refused or cancelled. */
  result: Promise<Login>;
  /** Accepts a pasted redirect URL; returns an error message if it does not belong to this login. */
  paste(text: string): string | undefined;
  /** Stops listening once the current responses have been sent. */
  close(): Promise<void>;
}

export async function openCallback<Login>(options: CallbackOptions<Login>): Promise<Callback<Login>> {
  const session = new CallbackSession(options);
  const server = await bindFirst(options, (request) => session.respond(request));
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
  /** Set with the first valid code. A code works once, so later callbacks with it wait for the same outcome. */
  #finishing: Promise<Login> | undefined;
  #successTimer: Timer | undefined;

  constructor(options: CallbackOptions<Login>) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<Login>();
    // The rejection may come before anything awaits the promise, which must not count as unhandled.
    promise.catch(() => {});
    this.result = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  async respond(request: Request): Promise<Response> {
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
    const query = parsePastedUrl(text);
    if (!query) return "Not the login's redirect address, which contains `code=` and `state=`.";
    const outcome = interpretCallback(query, this.#options.state);
    if (outcome.kind === 'mismatch')
      return 'This address belongs to another login. Paste the one from this login.';
    if (outcome.kind === 'refused') this.#reject(refusalFailure(outcome.message, outcome.code));
    else this.#finish(outcome.code).then(this.#resolve, () => {});
    return undefined;
  }

  stopWaiting(): void {
    clearTimeout(this.#successTimer);
  }

  async #callback(query: URLSearchParams): Promise<Response> {
    const outcome = interpretCallback(query, this.#options.state);
    if (outcome.kind === 'mismatch') return plain(400, 'State mismatch');
    if (outcome.kind === 'refused') {
      this.#reject(refusalFailure(outcome.message, outcome.code));
      return html(errorPage(outcome.code, outcome.message));
    }
    try {
      const login = await this.#finish(outcome.code);
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
        this.#options.exchange(code, this.redirectUri).catch((thrown: unknown) => {
          throw withCode(asFailure(thrown), exchangeFailed);
        }),
      );
    } catch (thrown) {
      const failure = asFailure(thrown);
      const coded = failure.code === exchangeFailed ? failure : withCode(failure, 'persist_failed');
      this.#reject(coded);
      throw coded;
    }
  }
}

const exchangeFailed = 'token_exchange_failed';

/** The failure with the code that the error page shows for this step. */
function withCode(failure: Failure, code: string): Failure {
  const { kind, message, advice } = failure;
  return new Failure(kind, message, { code, advice, cause: failure });
}

function refusalFailure(message: string, code: string): Failure {
  return new Failure('upstream_refused', `Login refused: ${message}`, {
    code,
    advice: 'Run `codexd login` again.',
  });
}

type Handler = (request: Request) => Promise<Response>;

/** A busy port may belong to an abandoned login, which gives it up on request. */
async function bindFirst<Login>(options: CallbackOptions<Login>, handler: Handler) {
  for (const port of options.ports) {
    const server = tryBind(port, handler) ?? (await takeOver(options, port, handler));
    if (server) return server;
  }
  const [first, ...others] = options.ports;
  const busy = others.length === 0 ? `port ${first} is` : `ports ${options.ports.join(' and ')} are`;
  throw new Failure('forbidden', `Cannot receive the browser's redirect: ${busy} in use.`, {
    code: 'port_in_use',
    advice: 'Close the other login, or run `codexd login --device`.',
  });
}

async function takeOver<Login>(options: CallbackOptions<Login>, port: number, handler: Handler) {
  options.note(`Port ${port} is in use. Asking the other login to stop…`);
  if (!(await cancelOther(options.fetch, port))) return undefined;
  for (let attempt = 0; attempt < bindRetries; attempt++) {
    const server = tryBind(port, handler);
    if (server) return server;
    await options.sleep(bindRetryMs);
  }
  return undefined;
}

function tryBind(port: number, handler: Handler) {
  try {
    return Bun.serve({
      hostname: '127.0.0.1',
      port,
      development: false,
      reusePort: false, // with `development: false`, Bun 1.4.5 would otherwise share the port with another login
      idleTimeout: 60,
      fetch: handler,
      error: () => plain(500, 'Internal error'),
    });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'EADDRINUSE') return undefined;
    throw new Failure('invalid_request', `Cannot listen on port ${port} for the browser's redirect.`, {
      cause: thrown,
    });
  }
}

/** Asks another login to release the port; returns whether there was one. Any other program keeps the port. */
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
