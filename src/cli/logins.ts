// What the commands that make and delete logins work with.
import { createLocks, type Locks } from '../auth/lock.ts';
import type { LoginServer } from '../auth/login-server.ts';
import type { Invocation } from './command.ts';
import { openRooms } from './rooms.ts';
import { openSession, type Session } from './session.ts';
import type { Terminal } from './terminal.ts';

export interface Logins {
  terminal: Terminal;
  server: LoginServer;
  locks: Locks;
  now: () => number;
  sleep: (ms: number) => Promise<void>;
  /** codexd's own login, of the profile. */
  ownFile: string;
  /** Where the Codex CLI keeps its login. Read, never written or deleted. */
  codexFile: string;
}

export async function openLogins(call: Invocation): Promise<Logins & { session: Session }> {
  const session = await openSession(call);
  const { loginServer } = openRooms(session);
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
