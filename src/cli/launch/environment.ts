// The environment of a client that `codexd run` starts: the user's own, with the client's settings on top.
import { type Env, ignoredVariablesName } from '../../config/env.ts';
import type { Variables } from '../env/client.ts';

const proxyVariables = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

export function clientEnvironment(
  env: Env,
  variables: Variables,
  origin: string,
): Record<string, string | undefined> {
  return { ...env, ...proxyException(env, origin), ...variables, [ignoredVariablesName]: undefined };
}

/** Many clients send even loopback requests through a proxy from the environment, unless NO_PROXY names the host. */
function proxyException(env: Env, origin: string): Variables {
  if (!proxyVariables.some((name) => env[name])) return {};
  const { hostname } = new URL(origin);
  const value = [env.NO_PROXY || env.no_proxy, hostname].filter(Boolean).join(',');
  return { NO_PROXY: value, no_proxy: value };
}
