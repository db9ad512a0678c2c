// Who listens on the daemon's addresses, and who can reach them.
import { checkedKeyring } from '../../app/daemon.ts';
import { issuedKeysOf } from '../../app/keys.ts';
import { isPrivate, type Listener, listenerName, parseListener } from '../../server/listener.ts';
import { errnoOf, reasonOf } from '../../system/errno.ts';
import { version } from '../../version.ts';
import { daemonVersion, probeDaemon } from '../daemon-probe.ts';
import type { Examined } from './examined.ts';
import { type Finding, good, problem, warning } from './findings.ts';

export function checkPorts({ setup, services }: Examined): Promise<Finding[]> {
  return Promise.all(
    setup.config.server.listen.map(async (address): Promise<Finding> => {
      const { listening } = await probeDaemon(address, services.fetch);
      if (!listening) return freePort(parseListener(address));
      const running = await daemonVersion(address, services.fetch);
      if (running === version) return good('port', `codexd ${version} is listening on ${address}.`);
      return warning(
        'port',
        `codexd ${running ?? '(unknown version)'} is listening on ${address}, but this is ${version}.`,
        'Restart the daemon.',
      );
    }),
  );
}

/** Whether a daemon could listen there. */
function freePort(listener: Listener): Finding {
  const name = listenerName(listener);
  try {
    if (listener.kind === 'tcp') {
      const { host: hostname, port } = listener;
      Bun.listen({ hostname, port, exclusive: true, socket: { data() {} } }).stop(true);
    }
    return good('port', `No daemon is listening on ${name}, and the address is free.`);
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === 'EADDRINUSE') {
      const fix = 'Stop it, or choose another port with `--port` or `server.listen`.';
      return problem('port', `Another program is listening on ${name}.`, fix);
    }
    const fix = code === 'EACCES' ? 'Choose a port above 1023.' : 'Correct `server.listen`.';
    return problem('port', `codexd cannot listen on ${name}: ${reasonOf(thrown)}.`, fix);
  }
}

export function checkExposure({ setup }: Examined): Finding[] {
  const listeners = setup.config.server.listen.map(parseListener);
  const { isRequired } = checkedKeyring(setup, listeners, issuedKeysOf(setup));
  const open = listeners.filter((listener) => !isPrivate(listener)).map(listenerName);
  if (open.length === 0) {
    const how = isRequired ? 'An API key is required' : 'No key is required';
    return [good('exposure', `Only this machine can connect. ${how}.`)];
  }
  if (isRequired) {
    return [good('exposure', `Other machines can connect to ${open.join(', ')}, with an API key.`)];
  }
  return [
    warning(
      'exposure',
      `Other machines can use your login without a key (${open.join(', ')}).`,
      'Remove `server.insecure_no_api_key`, and create a key with `codexd config key add NAME`.',
    ),
  ];
}
