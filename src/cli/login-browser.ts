// `codexd login` in the browser: PKCE with a callback on this machine; the redirect address can also be pasted.
import { type Callback, openCallback, registeredPorts } from '../auth/callback.ts';
import { createPkce, createState, type RandomBytes } from '../auth/pkce.ts';
import { authorizeUrl, exchange, type Tokens } from '../auth/token.ts';
import type { LoginContext } from './login-context.ts';
import { createMessages } from './messages.ts';
import type { Terminal } from './terminal.ts';

export interface BrowserLoginOptions {
  /** Whether to open the browser. */
  browser: boolean;
  /** The only port to listen on. */
  port: number | undefined;
}

export interface BrowserLoginDeps extends Pick<LoginContext, 'server' | 'terminal' | 'sleep'> {
  randomBytes: RandomBytes;
  /** The user's browser runs on another machine and cannot reach this one's loopback. */
  overSsh: boolean;
}

export async function browserLogin<Login>(
  { browser, port }: BrowserLoginOptions,
  { server, terminal, overSsh, randomBytes, sleep }: BrowserLoginDeps,
  save: (exchange: () => Promise<Tokens>) => Promise<Login>,
): Promise<Login> {
  const { verifier, challenge } = createPkce(randomBytes);
  const state = createState(randomBytes);
  const callback = await openCallback({
    ports: port === undefined ? registeredPorts : [port],
    state,
    exchange: (code, redirectUri) => exchange(server, { code, redirectUri, verifier }),
    save,
    fetch: server.fetch,
    sleep,
    note: (text) => terminal.stderr.write(`${text}\n`),
  });
  try {
    const url = authorizeUrl(server, { redirectUri: callback.redirectUri, challenge, state });
    const messages = createMessages(terminal.stderr);
    messages.start('Log in at this address:');
    // On its own line and never wrapped, so that it can be copied.
    terminal.stderr.write(`\n${url}\n\n`);
    if (overSsh) terminal.stderr.write(sshHint(callback.port));
    else if (browser && !(await terminal.openBrowser(url))) {
      messages.warn('Could not open a browser; open the address yourself.');
    }
    return await waitForCallback(callback, terminal);
  } finally {
    await callback.close();
  }
}

function sshHint(port: number): string {
  return [
    `The browser must reach port ${port} of this machine. From the machine with the browser, first run`,
    `    ssh -L ${port}:127.0.0.1:${port} THIS-MACHINE`,
    'or log in with `codexd login --device`.\n\n',
  ].join('\n');
}

const prompt =
  'Waiting for the browser. If its last page does not load, paste the address of that page here: ';

async function waitForCallback<Login>(callback: Callback<Login>, terminal: Terminal): Promise<Login> {
  const done = new AbortController();
  const reading = readPastedAddresses(callback, terminal, done.signal);
  try {
    return await callback.result;
  } finally {
    done.abort();
    await reading;
    terminal.stderr.write('\n');
  }
}

async function readPastedAddresses(
  callback: Callback<unknown>,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const line = await terminal.readLine(prompt, signal);
    if (line === undefined) return;
    const complaint = line.trim() === '' ? undefined : callback.paste(line);
    if (complaint) createMessages(terminal.stderr).warn(complaint);
  }
}
