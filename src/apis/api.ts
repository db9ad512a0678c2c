// What a client API is: data. Routes, failure envelopes, `codexd explain`, the card at `/`, the README's table, property tests
// and goldens are made from the list in index.ts; adding an API is a folder and a line there.
import type { Failure } from '../failure.ts';
import type { ModelNaming, Naming } from '../models/aliases.ts';
import type { Fields } from '../responses/fields.ts';
import type {
  FailureContext,
  FailureResponse,
  RequestContext,
  Translation,
  Translator,
} from '../responses/translator.ts';
import type { Handler } from '../server/router.ts';
import type { ApiServices } from './services.ts';

export interface Api {
  /** E.g. `openai`; golden folders and records of calls begin with it. */
  name: string;
  endpoints: readonly Endpoint[];
  /** A failure in the API's own envelope. Endpoints whose translator has one use that. */
  failure(failure: Failure, context: FailureContext): FailureResponse;
  /** Whether the headers are those of the API's own clients: for paths that several APIs have, and for failures. */
  isSpokenBy?(headers: Headers): boolean;
  /** The path of the endpoint that a request body looks made for; undefined if it does not look like this API's. */
  recognize?(body: Fields): string | undefined;
}

export interface Endpoint {
  /** As a route's: a last `:name` takes the whole rest of the path. */
  path: string;
  /** Other paths that mean the same. */
  aliases?: readonly string[];
  /** What it supports, for the README and the card at `/`. Endpoints without one are not listed there. */
  summary?: string;
  /** Answers without an API key. */
  open?: true;
  /** Answers only where an API key is configured. */
  keyed?: true;
  methods(services: ApiServices): Record<string, Handler>;
  /** Answers a request for a WebSocket; without it that is an ordinary request. */
  webSocket?: Handler;
  /** Both ways of its translation, for endpoints that are answered by a turn. */
  translator?: Translator;
  /** Its envelope, where neither the translator's nor the API's is right. */
  failure?: Api['failure'];
  explain?: Explanation;
}

/** How `codexd explain` finds out what a request becomes. */
export type Explanation =
  | {
      translate(body: unknown, context: RequestContext, naming: Naming): Translation;
      naming: ModelNaming;
      /** Sent upstream along with such a turn. */
      upstreamHeaders?: Record<string, string>;
      /** Requests for models that codexd does not have go to a real Ollama, where one is configured. */
      passesToOllama?: true;
    }
  /** codexd answers without the upstream. */
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

/** Every method has the same handler: for paths that are refused whatever is asked of them. */
export function anyMethod(handler: Handler): Record<string, Handler> {
  return Object.fromEntries(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => [method, handler]));
}
