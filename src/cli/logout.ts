// `codexd logout`: revokes codexd's own login on the server and deletes it here; the Codex CLI's is not touched.
import { removeLogin } from '../auth/locked-file.ts';
import { send } from '../auth/login-server.ts';
import { type AuthFile, loadAuthFile } from '../auth/store.ts';
import { revokeRequest } from '../auth/token.ts';
import { command } from './command.ts';
import { createLoginContext, type LoginContext } from './login-context.ts';
import { createMessages } from './messages.ts';

const revokeTimeoutMs = 10_000;

export default command({
  settings: ['upstream'],
  run: async (call) => {
    await logout({ json: call.json }, await createLoginContext(call));
    return 0;
  },
});

export async function logout({ json }: { json: boolean }, context: LoginContext): Promise<void> {
  const { terminal, locks, ownFile } = context;
  let revoked = false;
  const found = await removeLogin(locks, ownFile, async (auth) => {
    if (auth) revoked = await revoke(auth, context);
  });
  if (json) terminal.stdout.write(`${JSON.stringify({ logged_out: found, revoked })}\n`);
  else terminal.stdout.write(found ? 'Logged out.\n' : 'Not logged in: codexd has no login of its own.\n');
}

/** If the server cannot be reached, the local login is deleted anyway. */
async function revoke(auth: AuthFile, { server, codexFile, terminal }: LoginContext): Promise<boolean> {
  const tokens = auth.tokens ?? {};
  if (tokens.refresh_token && tokens.refresh_token === codexRefreshToken(codexFile)) {
    createMessages(terminal.stderr).info(
      'The Codex CLI uses the same login, so it was not revoked on the server.',
    );
    return false;
  }
  const request = revokeRequest(server, tokens);
  if (!request) return false;
  try {
    const { status } = await send(server.fetch, request, 'end the login', revokeTimeoutMs);
    return status >= 200 && status < 300;
  } catch {
    return false;
  }
}

/** After `login --import`, and until one of the two refreshes, codexd and the Codex CLI have the same refresh token. */
function codexRefreshToken(codexFile: string): string | undefined {
  try {
    return loadAuthFile(codexFile)?.tokens?.refresh_token ?? undefined;
  } catch {
    return undefined;
  }
}
