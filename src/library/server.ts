// The daemon inside another program. It needs Bun's HTTP server.
import type { Daemon } from '../app/daemon.ts';
import type { Demo } from '../app/demo.ts';
import { Failure } from '../failure.ts';
import { type LibraryOptions, openSetup } from './options.ts';

export interface ServerOptions extends LibraryOptions {
  /** Answer from the built-in simulated upstream; no login is needed. */
  demo?: boolean;
}

export interface Server {
  /** `http://HOST:PORT` or `unix:/path` for each listener; empty before `listen`. */
  readonly addresses: readonly string[];
  /**
   * Starts to listen: on a port of 127.0.0.1 (0 picks one), on an address `HOST:PORT` or `unix:/path`, or by default on those
   * of `settings.server.listen`. Throws a Failure, e.g. `port_in_use`, or without an API key for other than loopback.
   */
  listen(address?: number | string): Promise<Server>;
  /** Stops: running responses get `graceMs` to finish (default `server.shutdown_grace_seconds`), then end in-band. */
  close(graceMs?: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Reads the settings. Throws a Failure if one is invalid, or if the program does not run on Bun. */
export function createServer(options: ServerOptions = {}): Server {
  if (process.versions.bun === undefined) {
    throw new Failure('invalid_request', '`createServer` requires Bun.', {
      code: 'requires_bun',
      advice: 'Run the program with Bun, or start the daemon with `codexd serve`.',
    });
  }
  openSetup(options);
  let running: { daemon: Daemon; demo: Demo | undefined; graceMs: number } | undefined;
  const server: Server = {
    get addresses() {
      return running?.daemon.addresses ?? [];
    },
    async listen(address) {
      if (running !== undefined) throw new Failure('invalid_request', 'The server is already listening.');
      const setup = openSetup(listeningOn(options, address));
      const [{ startDaemon }, demo] = await Promise.all([
        import('../app/daemon.ts'),
        options.demo ? import('../app/demo.ts').then(({ startDemo }) => startDemo()) : undefined,
      ]);
      const daemon = await startDaemon(demo?.apply(setup) ?? setup).catch(async (thrown: unknown) => {
        await demo?.stop();
        throw thrown;
      });
      running = { daemon, demo, graceMs: setup.config.server.shutdownGraceSeconds * 1000 };
      return server;
    },
    async close(graceMs) {
      const stopping = running;
      running = undefined;
      await stopping?.daemon.stop(graceMs ?? stopping.graceMs);
      await stopping?.demo?.stop();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return server;
}

function listeningOn(options: ServerOptions, address: number | string | undefined): ServerOptions {
  if (address === undefined) return options;
  const listen = [typeof address === 'number' ? `127.0.0.1:${address}` : address];
  const { settings } = options;
  return { ...options, settings: { ...settings, server: { ...settings?.server, listen } } };
}
