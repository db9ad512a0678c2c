// What `login` and `logout` need.

import { createServices } from '../app/services.ts';
import { createLocks, type Locks } from '../auth/lock.ts';
import type { LoginServer } from '../auth/login-server.ts';
import type { Invocation } from './command.ts';
import { openSession, type Session } from './session.ts';
import type { Terminal } from './terminal.ts';

export interface LoginContext {
  terminal: Terminal;
  server: LoginServer;
  locks: Locks;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** The path of codexd's own login, which depends on the profile. */
  ownFile: string;
  /** The path of the Codex CLI's login. Read, never written or deleted. */
  codexFile: string;
}

export async function createLoginContext(call: Invocation): Promise<LoginContext & { session: Session }> {
  const session = await openSession(call);
  const { loginServer } = createServices(session);
  return {
    session,
    terminal: call.terminal,
    server: loginServer,
    locks: createLocks({ platform: process.platform, now: Date.now, sleep: Bun.sleep }),
    now: Date.now,
    sleep: Bun.sleep,
    ownFile: session.paths.authFile,
    codexFile: session.paths.codexAuthFile,
  };
}
