// The daemon as a client on this machine meets it: its address, the key it wants, the models it has.
import type { Config } from '../../config/schema.ts';
import { Failure } from '../../failure.ts';
import {
  type Naming,
  offered,
  type Resolved,
  resolve,
  resolveDefault,
  smallestModel,
} from '../../models/aliases.ts';
import type { Model } from '../../models/model.ts';

export interface Choice {
  /** What the client is to call it: the slug, with the effort that was chosen with it. */
  name: string;
  /** The same without the effort, for clients that have a setting for it. */
  plainName: string;
  effort: string | undefined;
  model: Model;
}

export interface Daemon {
  /** E.g. `http://127.0.0.1:8787`. */
  origin: string;
  /** What to send as the key. */
  key: string;
  /** Whose key that is: any word will do; it is the daemon's own; it is a gap to fill, as only hashes are configured. */
  keyIs: 'any' | 'own' | 'missing';
  main: Choice;
  /** For titles, summaries and the like. */
  small: Choice;
  /** All that are offered, and the main one. */
  models: readonly Model[];
}

/** The daemon refuses to start with this key, so it is never somebody's real one. */
const anyKey = 'codexd';
const missingKey = 'YOUR-CODEXD-KEY';
/** Where the daemon listens on every address, this one is good on the same machine. */
const everywhere = /^(?:0\.0\.0\.0|\[::\])(?=:)/;

/** Not in the catalogue; the public documentation of these models names it. */
export const maxOutputTokens = 128_000;

/** `asked`: the model of `--model`; a name nobody knows is refused, where a stale default only falls back. */
export function meetDaemon(
  { listen, apiKey, keys }: Config['server'],
  naming: Naming,
  asked: string | undefined,
): Daemon {
  const main = asked === undefined ? resolveDefault(naming) : resolve(asked, naming, 'openai');
  const listed = offered(naming);
  return {
    origin: `http://${firstAddress(listen).replace(everywhere, '127.0.0.1')}`,
    ...keyOf(apiKey, keys.length > 0),
    main: choice(main),
    small: choice({ model: smallestModel(naming) ?? main.model }),
    // A hidden one can be chosen too.
    models: listed.includes(main.model) ? listed : [main.model, ...listed],
  };
}

/** What to know of the daemon's settings, whichever the client is. */
export function daemonNotes({ listen, apiKey, keys }: Config['server']): string[] {
  const notes: string[] = [];
  if (everywhere.test(firstAddress(listen))) {
    notes.push("The address works on this machine; on others, replace 127.0.0.1 with this machine's name.");
  }
  if (apiKey === undefined && keys.length > 0) {
    const names = keys.map(({ name }) => `"${name}"`).join(', ');
    notes.push(`Insert one of the daemon's keys (${names}) yourself; codexd stores only hashes.`);
  }
  return notes;
}

function firstAddress(listen: readonly string[]): string {
  const address = listen.find((one) => !one.startsWith('unix:'));
  if (address === undefined) {
    throw new Failure(
      'invalid_request',
      'The daemon listens on a Unix socket only, which clients cannot call.',
      {
        code: 'no_address',
        param: 'server.listen',
        advice: 'Add an address such as 127.0.0.1:8787 to `server.listen`.',
      },
    );
  }
  if (address.endsWith(':0')) {
    throw new Failure('invalid_request', `The daemon picks its port when it starts (${address}).`, {
      code: 'no_address',
      param: 'server.listen',
      advice: 'Say which port it has, e.g. with --port 8787.',
    });
  }
  return address;
}

function keyOf(apiKey: string | undefined, hasHashes: boolean): Pick<Daemon, 'key' | 'keyIs'> {
  if (apiKey !== undefined) return { key: apiKey, keyIs: 'own' };
  return hasHashes ? { key: missingKey, keyIs: 'missing' } : { key: anyKey, keyIs: 'any' };
}

function choice({ model, effort, serviceTier }: Resolved): Choice {
  const tier = serviceTier === 'priority' ? 'fast' : undefined;
  return { name: dashed(model.slug, effort, tier), plainName: dashed(model.slug, tier), effort, model };
}

function dashed(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('-');
}
