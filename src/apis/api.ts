// Describes a client API as data. Routes, failure envelopes, `codexd explain`, the card at `/`, the README's table, property
// tests and goldens are generated from the list in index.ts. To add an API, add a folder and a line there.
import type { Failure } from '../failure.ts';
import type { ModelNaming, Naming } from '../models/aliases.ts';
import type { Fields } from '../responses/fields.ts';
import type {
  FailureContext,
  FailureResponse,
  RequestContext,
  ResponseTranslator,
  Translation,
  Translator,
} from '../responses/translator.ts';
import type { Handler, SocketHandler } from '../server/router.ts';
import type { ApiServices } from './services.ts';

export interface Api {
  /** Such as `openai`; also the prefix of golden folders. */
  name: string;
  endpoints: readonly Endpoint[];
  /** The vendor's description of it. */
  docs?: string;
  /** Renders a failure in the API's envelope. A translator may have its own. */
  failure(failure: Failure, context: FailureContext): FailureResponse;
  /** Whether the headers are from a client of this API. Selects the API for shared paths and for failures. */
  isSpokenBy?(headers: Headers): boolean;
  /** The path of the endpoint that a request body seems to be for; undefined if it does not look like this API's. */
  recognize?(body: Fields): string | undefined;
}

export interface Endpoint {
  /** Like a route's: a final `:name` matches the rest of the path. */
  path: string;
  /** Other paths of the same endpoint. */
  aliases?: readonly string[];
  /** What it supports, for the README and the card at `/`, which list only endpoints with a summary. */
  summary?: string;
  /** Methods that only respond with a failure. */
  refused?: readonly string[];
  /** Content types of its request body, if not JSON. */
  accepts?: readonly string[];
  /** Content types of its responses, if they are not JSON or the translator's. */
  returns?: readonly string[];
  /** Does not require an API key. */
  open?: true;
  /** Available only if an API key is configured. */
  keyed?: true;
  methods(services: ApiServices): Record<string, Handler>;
  /** Handles WebSocket upgrades; without it, they are ordinary requests. */
  webSocket?(services: ApiServices): SocketHandler;
  /** Translates responses, for endpoints that run a turn. */
  translator?: ResponseTranslator;
  /** Its envelope, if neither the translator's nor the API's fits. */
  failure?: Api['failure'];
  explain?: Explanation;
}

/** How `codexd explain` translates a request. */
export type Explanation =
  | {
      translate(body: unknown, context: RequestContext, naming: Naming): Translation;
      naming: ModelNaming;
      /** Sent upstream with the turn. */
      upstreamHeaders?: Record<string, string>;
      /** Requests for models that codexd does not have go to the real Ollama server, if one is configured. */
      passesToOllama?: true;
    }
  /** codexd responds without the upstream. */
  | 'counts tokens';

/** An endpoint whose POST is a turn. */
export function turnEndpoint(
  translator: Translator,
  naming: ModelNaming,
  endpoint: Pick<Endpoint, 'path' | 'aliases' | 'summary' | 'webSocket'>,
): Endpoint {
  return {
    ...endpoint,
    translator,
    explain: { translate: translator.request, naming },
    methods: ({ turns }) => ({ POST: (exchange) => turns.respond(translator, naming, exchange) }),
  };
}

/** The same handler for every method, for paths that are always refused. */
export function anyMethod(handler: Handler): Record<string, Handler> {
  return Object.fromEntries(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, handler]));
}
