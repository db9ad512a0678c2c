// Where the daemon listens: an address and port, or a unix socket. Other machines can connect only if there is a key.
import { lstatSync, unlinkSync } from 'node:fs';
import { Failure } from '../failure.ts';

export type Listener = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string };

/** Reads `HOST:PORT`, `[::1]:PORT` or `unix:/path`. */
export function parseListener(text: string): Listener {
  if (text.startsWith('unix:') && text.length > 5) return { kind: 'unix', path: text.slice(5) };
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  const bare = host?.replace(/^\[(.*)\]$/, '$1');
  if (bare === undefined || bare === '' || Number(port) > 65535) {
    throw new Failure('invalid_request', `${JSON.stringify(text)} is not a valid listen address.`, {
      code: 'invalid_config',
      advice: 'Write HOST:PORT, for example 127.0.0.1:8787, or unix:/path.',
    });
  }
  return { kind: 'tcp', host: bare, port: Number(port) };
}

/** Whether only this machine (for a unix socket: its owner) can connect. */
export function isPrivate(listener: Listener): boolean {
  if (listener.kind === 'unix') return true;
  return listener.host === 'localhost' || listener.host === '::1' || /^127(\.\d+){3}$/.test(listener.host);
}

/** Throws if other machines could use the login without a key. */
export function checkListeners(listeners: Listener[], keyed: boolean, insecure: boolean): void {
  const open = listeners.find((listener) => !isPrivate(listener));
  if (open === undefined || keyed || insecure) return;
  throw new Failure(
    'invalid_request',
    `Other machines can reach ${listenerName(open)}, and there is no API key.`,
    {
      code: 'invalid_config',
      advice:
        'Set one with `--api-key` or `codexd config key add NAME` (or, if you accept the risk, `--insecure-no-api-key`).',
    },
  );
}

/** Removes a unix socket that a killed daemon left behind. Throws if another process still listens on it. */
export async function removeStaleSocket(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  try {
    const socket = await Bun.connect({ unix: path, socket: { data() {} } });
    socket.end();
  } catch (thrown) {
    if ((thrown as { code?: string }).code === 'ECONNREFUSED') unlinkSync(path);
    return;
  }
  throw new Failure('invalid_request', `Another process is already listening on ${path}.`, {
    advice: 'Stop it, or choose another path.',
  });
}

/** The listener as users write it. */
export function listenerName(listener: Listener): string {
  if (listener.kind === 'unix') return `unix:${listener.path}`;
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host;
  return `${host}:${listener.port}`;
}
