// Whether there is a login, for health checks and warnings. The upstream may still refuse it.
import type { LoginSource } from '../auth/source.ts';
import { Failure } from '../failure.ts';
import { isSameSecret } from '../server/middleware/api-key.ts';

export interface LoginState {
  ok: boolean;
  message?: string;
}

export function loginState(login: LoginSource): LoginState {
  try {
    login.facts();
    return { ok: true };
  } catch (thrown) {
    const message =
      thrown instanceof Failure ? `${thrown.message} ${thrown.advice}` : 'The login could not be read.';
    return { ok: false, message };
  }
}

/** Whether `bearer` is the access token in use. */
export async function isOwnLogin(bearer: string, login: LoginSource): Promise<boolean> {
  try {
    return isSameSecret((await login.get()).accessToken, bearer);
  } catch {
    return false; // there is no login to compare it with
  }
}
