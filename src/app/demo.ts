// Demo mode: a simulated upstream with a login of its own.
import { loadScenario, startSimulator } from '../simulator/simulator.ts';
import type { Setup } from './setup.ts';

export interface Demo {
  /** The same setup with the simulator as its upstream. The user's ledger and cached models stay as they are. */
  apply<S extends Setup>(setup: S): S;
  stop(): Promise<void>;
}

/** `file`: a scenario as JSON text, and its name for error messages. */
export function startDemo(file?: { text: string; name: string }): Demo {
  const simulator = startSimulator(
    file === undefined ? {} : { scenario: loadScenario(file.text, file.name) },
  );
  const { access_token: bearer } = simulator.login();
  return {
    apply: (setup) => {
      const { upstream, auth, ledger } = setup.config;
      const config = {
        ...setup.config,
        upstream: { ...upstream, baseUrl: simulator.upstream, issuer: simulator.issuer },
        auth: { ...auth, bearer },
        ledger: { ...ledger, kind: ledger.kind === 'off' ? ('off' as const) : ('memory' as const) },
      };
      return { ...setup, config, paths: { ...setup.paths, cacheDir: undefined } };
    },
    stop: async () => simulator.stop(),
  };
}
