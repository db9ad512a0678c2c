// What a client on this machine needs to know about the daemon: its address, its key and its models.
import type { Loaded } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { Failure } from '../../failure.ts';
import {
  type Naming,
  type Resolved,
  resolve,
  resolveDefault,
  smallestModel,
  visibleModels,
} from '../../models/aliases.ts';
import type { Model } from '../../models/model.ts';

export interface ModelChoice {
  /** The name for the client to use: the slug, with the effort if one was chosen with it. */
  name: string;
  /** The same without the effort, for clients with a separate setting for it. */
  plainName: string;
  effort: string | undefined;
  model: Model;
}

export interface Daemon {
  /** E.g. `http://127.0.0.1:8787`. */
  origin: string;
  /** The key for the client to send. */
  key: string;
  /** `any`: the daemon accepts any key. `own`: its configured key. `missing`: a placeholder, as only hashes are known. */
  keyKind: 'any' | 'own' | 'missing';
  main: ModelChoice;
  /** Whether the user chose the main model with `--model`. */
  isModelChosen: boolean;
  /** For titles, summaries and similar small tasks. */
  small: ModelChoice;
  /** All models offered, and the main one. */
  models: readonly Model[];
}

/** The daemon refuses to start with this key, so it is never a real one. */
const anyKey = 'codexd';
const missingKey = 'YOUR-CODEXD-KEY';
/** A daemon that listens on all addresses is reached on loopback from the same machine. */
const anyAddress = /^(?:0\.0\.0\.0|\[::\])(?=:)/;

/** From the public documentation of these models; the catalogue does not have it. */
export const maxOutputTokens = 128_000;

/** The model of `--model`; undefined if there is none on this command line. */
export function requestedModel({ config, sources }: Pick<Loaded, 'config' | 'sources'>): string | undefined {
  return sources['models.default']?.layer === 'flag' ? config.models.default : undefined;
}

/** `requestedModel` comes from `--model`: an unknown name fails, while an outdated default falls back. */
export function describeDaemon(
  { listen, apiKey, keys }: Config['server'],
  naming: Naming,
  requestedModel: string | undefined,
): Daemon {
  const main =
    requestedModel === undefined ? resolveDefault(naming) : resolve(requestedModel, naming, 'strict');
  const listed = visibleModels(naming);
  return {
    origin: originOf(firstAddress(listen)),
    ...keyOf(apiKey, keys.length > 0),
    main: choiceOf(main),
    isModelChosen: requestedModel !== undefined,
    small: choiceOf({ model: smallestModel(naming) ?? main.model }),
    // The main model may be a hidden one.
    models: listed.includes(main.model) ? listed : [main.model, ...listed],
  };
}

/** The URL of a daemon that listens on `address`, for a client on this machine. */
export function originOf(address: string): string {
  return `http://${address.replace(anyAddress, '127.0.0.1')}`;
}

/** What the user should know about the daemon's settings, whichever the client is. */
export function daemonNotes({ listen, apiKey, keys }: Config['server']): string[] {
  const notes: string[] = [];
  if (anyAddress.test(firstAddress(listen))) {
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
      'The daemon listens only on a Unix socket, which clients cannot reach.',
      {
        code: 'no_address',
        param: 'server.listen',
        advice: 'Add an address such as 127.0.0.1:8787 to `server.listen`.',
      },
    );
  }
  if (address.endsWith(':0')) {
    throw new Failure(
      'invalid_request',
      `The daemon chooses its port at start (${address}), so its address is unknown.`,
      {
        code: 'no_address',
        param: 'server.listen',
        advice: 'Pass the port it uses, e.g. --port 8787.',
      },
    );
  }
  return address;
}

function keyOf(apiKey: string | undefined, hasHashes: boolean): Pick<Daemon, 'key' | 'keyKind'> {
  if (apiKey !== undefined) return { key: apiKey, keyKind: 'own' };
  return hasHashes ? { key: missingKey, keyKind: 'missing' } : { key: anyKey, keyKind: 'any' };
}

function choiceOf({ model, effort, serviceTier }: Resolved): ModelChoice {
  const tier = serviceTier === 'priority' ? 'fast' : undefined;
  return { name: hyphenate(model.slug, effort, tier), plainName: hyphenate(model.slug, tier), effort, model };
}

function hyphenate(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('-');
}
