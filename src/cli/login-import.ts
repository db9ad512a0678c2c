// Logins made elsewhere: an access token from stdin, or a copy of the Codex CLI's login.
import { type Claims, readClaims } from '../auth/jwt.ts';
import { saveLogin } from '../auth/locked-file.ts';
import { isExpired, readLogin } from '../auth/login.ts';
import { externalLogin, loadAuthFile, personalLogin } from '../auth/store.ts';
import { isPersonalToken, whoami } from '../auth/whoami.ts';
import { Failure } from '../failure.ts';
import type { LoginContext } from './login-context.ts';
import { createMessages } from './messages.ts';

export async function importToken(context: LoginContext): Promise<Claims> {
  const { terminal, server, locks, ownFile, now } = context;
  const token = (await terminal.readStdin())?.trim();
  if (!token) {
    throw new Failure('invalid_request', 'No access token on stdin.', {
      code: 'usage',
      advice:
        'Pipe it in, e.g. `codexd login --with-access-token < token.txt`; as an argument it would be visible to other users.',
    });
  }
  if (isPersonalToken(token)) {
    const owner = await whoami(server, token);
    await saveLogin(locks, ownFile, () => personalLogin(token));
    return owner;
  }
  const claims = readClaims(token);
  const { accountId } = claims;
  if (accountId === undefined) throw notUsable('Not a ChatGPT access token.');
  if (claims.expiresAtMs !== undefined && claims.expiresAtMs <= now()) {
    throw notUsable('That access token has expired.');
  }
  await saveLogin(locks, ownFile, () => externalLogin(token, accountId, now()));
  createMessages(terminal.stderr).warn(
    'An access token alone cannot be refreshed: this login ends when it expires.',
  );
  return claims;
}

function notUsable(message: string): Failure {
  return new Failure('login_required', message, {
    advice: 'Pass a personal access token (at-…) or an unexpired access token, or run `codexd login`.',
  });
}

export async function importCodexLogin(context: LoginContext): Promise<Claims> {
  const { codexFile, ownFile, server, locks, now, terminal } = context;
  const auth = loadAuthFile(codexFile);
  if (!auth) {
    throw new Failure('login_required', `No Codex CLI login found in ${codexFile}.`, {
      advice: 'Run `codexd login`. A login that the Codex CLI stores in the system keyring cannot be copied.',
    });
  }
  const login = readLogin(auth, `The Codex CLI's login in ${codexFile}`);
  if (!login.refreshToken && isExpired(login, now())) {
    throw new Failure('login_required', `The Codex CLI's login in ${codexFile} has expired.`);
  }
  const owner = login.kind === 'personal' ? await whoami(server, login.accessToken) : login.claims;
  await saveLogin(locks, ownFile, () => auth);
  if (login.refreshToken) {
    createMessages(terminal.stderr).warn(
      'codexd and the Codex CLI now share one refresh token, which works once: whichever refreshes second is logged out. To give codexd a login of its own, run `codexd login`.',
    );
  }
  return owner;
}
