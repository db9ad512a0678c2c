// How the endpoints of Ollama's API answer. What only a server with models of its own can do is refused with a reason;
// requests about models that codexd does not have go to a real Ollama, where one is configured.

import { Failure, type FailureOptions } from '../../../failure.ts';
import { isAccountModel } from '../../../models/aliases.ts';
import type { Model } from '../../../models/model.ts';
import { foundFor, offeredTo, permitsName } from '../../../models/permitted.ts';
import { isObject } from '../../../responses/fields.ts';
import type { Translator } from '../../../responses/translator.ts';
import { discardBody, readJsonText } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import type { Endpoint } from '../../api.ts';
import type { ApiServices } from '../../services.ts';
import { modelNotFound } from '../errors.ts';
import { modelDetails } from '../models.ts';
import type { OllamaTranslation } from '../types.ts';
import { proxyToOllama, realList } from './backend.ts';
import { changesModels, namedModels } from './names.ts';

type Services = Pick<ApiServices, 'turns' | 'naming' | 'bodyLimitBytes' | 'realOllama'>;
type Answer = (exchange: Exchange, models: RequestedModels) => Promise<Response> | Response;

/** For models of ours; requests about the others are passed to the real Ollama. */
export function modelEndpoint(
  endpoint: Pick<Endpoint, 'path' | 'summary' | 'translator' | 'explain'>,
  answer: (services: ApiServices) => Answer,
  method = 'POST',
): Endpoint {
  return {
    ...endpoint,
    methods: (services) => {
      const models = new RequestedModels(services);
      const handler = answer(services);
      return {
        [method]: async (exchange) => (await models.passOn(exchange)) ?? handler(exchange, models),
      };
    },
  };
}

/** A turn; the model counts as loaded afterwards. */
export function ollamaTurn(
  translator: Translator<OllamaTranslation>,
  endpoint: Pick<Endpoint, 'path' | 'summary'>,
): Endpoint {
  const explain = { translate: translator.request, naming: 'lenient', passesToOllama: true } as const;
  return modelEndpoint({ ...endpoint, translator, explain }, (services) => async (exchange) => {
    const { turns, recentModels } = services;
    const translation = await turns.translate(translator, exchange);
    const response = await turns.respondTo(translation, translator, 'lenient', exchange);
    const { modelUsed: slug = '' } = exchange.facts;
    if (translation.idle === 'unload') recentModels.unload(slug);
    else recentModels.use(slug);
    return response;
  });
}

/** codexd's own models, then the real Ollama's. */
export function listEndpoint(
  endpoint: Pick<Endpoint, 'summary'> & { path: '/api/tags' | '/api/ps' },
  list: (models: Model[], services: ApiServices) => object[],
): Endpoint {
  return {
    ...endpoint,
    methods: (services) => ({
      GET: async ({ caller, signal }) => {
        const { naming, realOllama: real } = services;
        const known = await naming();
        const others = real === undefined ? [] : await realList(endpoint.path, real, signal);
        const theirs = others.filter(({ name }) => !isAccountModel(name, known) && permitsName(caller, name));
        return Response.json({ models: [...list(offeredTo(caller, known), services), ...theirs] });
      },
    }),
  };
}

export const show: Answer = async (exchange, models) => {
  const model = await models.answering(exchange);
  exchange.note({ modelUsed: model.slug });
  return Response.json(modelDetails(model));
};

export const pull: Answer = async (exchange, models) => {
  const { name, model, stream } = await models.lookUp(exchange);
  if (model === undefined) {
    throw notFound(`model '${short(name)}' not found; this server offers only the models in /api/tags`);
  }
  if (stream === false) return Response.json({ status: 'success' });
  return lines([{ status: 'pulling manifest' }, { status: 'success' }]);
};

export const remove: Answer = async (exchange, models) => {
  await models.existing(exchange);
  throw new Failure('forbidden', 'models of this server cannot be deleted', { advice: '' });
};

export const copy: Answer = async (exchange, models) => {
  const { name, model } = await models.lookUp(exchange);
  if (model === undefined) throw notFound(`model "${short(name)}" not found`);
  return storesNothing();
};

export const embed: Answer = async (exchange, models) => {
  const { name, model } = await models.lookUp(exchange);
  if (model === undefined) throw modelNotFound(name);
  throw refusal(`"${short(name)}" does not support embeddings`, { code: 'unsupported_endpoint' });
};

/** Ollama's own clients look for it at `/`. */
export function greet(): Response {
  return new Response('Ollama is running', { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

export function storesNothing(): never {
  throw refusal('this server does not store models');
}

export function noBlob(): never {
  throw notFound('blob not found');
}

/** There is no account at ollama.com behind this server. */
export async function notSignedIn({ request }: Exchange): Promise<Response> {
  await discardBody(request);
  return Response.json({ error: 'you are not currently signed in' }, { status: 401 });
}

/** In the words of Ollama's router, not as an error of its API: clients take that for a missing model. */
export async function noPage({ request }: Exchange): Promise<Response> {
  await discardBody(request);
  return new Response('404 page not found', {
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
  });
}

function notFound(message: string): Failure {
  return new Failure('not_found', message, { code: 'not_found' });
}

function refusal(message: string, options: FailureOptions = {}): Failure {
  return new Failure('invalid_request', message, options);
}

function lines(objects: object[]): Response {
  const text = objects.map((each) => `${JSON.stringify(each)}\n`).join('');
  return new Response(text, { headers: { 'content-type': 'application/x-ndjson' } });
}

interface ModelLookup {
  /** As the client has it. */
  name: string;
  /** Undefined where codexd has no such model, or not for this caller; no default pretends to be it. */
  model: Model | undefined;
  stream: unknown;
}

/** Which model a request is about. */
class RequestedModels {
  constructor(private readonly services: Services) {}

  /** The model that answers a chat with this name, which may be the default one. */
  async answering(exchange: Exchange): Promise<Model> {
    const { name } = await this.lookUp(exchange);
    exchange.note({ modelRequested: name });
    const model = foundFor(exchange.caller, name, await this.services.naming(), 'lenient');
    if (model === undefined) throw modelNotFound(name);
    return model;
  }

  /** Throws 404 for a model that codexd does not have. */
  async existing(exchange: Exchange): Promise<Model> {
    const { name, model } = await this.lookUp(exchange);
    if (model === undefined) throw modelNotFound(name);
    return model;
  }

  async lookUp(exchange: Exchange): Promise<ModelLookup> {
    const { text, body } = await readJsonText(exchange, this.services.bodyLimitBytes);
    const { name } = namedModels(exchange.path, text, body);
    if (name === undefined) throw refusal('model is required', { param: 'model' });
    const naming = await this.services.naming();
    const model = isAccountModel(name, naming) ? foundFor(exchange.caller, name, naming) : undefined;
    return { name, model, stream: isObject(body) ? body.stream : undefined };
  }

  /** The real Ollama's response about a model that is not codexd's; undefined when codexd answers itself. */
  async passOn(exchange: Exchange): Promise<Response | undefined> {
    const { realOllama: real, naming, bodyLimitBytes } = this.services;
    if (real === undefined) return undefined;
    const { caller, path } = exchange;
    const copy = exchange.request.clone() as Request;
    const reserve = (bytes: number) => exchange.reserve(bytes);
    const { text, body } = await readJsonText({ request: copy, reserve }, bodyLimitBytes);
    const { name, all, plainBody } = namedModels(path, text, body);
    if (name === undefined || isAccountModel(name, await naming())) return undefined;
    const isLimited = caller.models !== undefined;
    if (isLimited && changesModels(path)) throw notForThisKey();
    const refused = all.find((each) => !permitsName(caller, each));
    if (refused !== undefined) throw modelNotFound(refused);
    exchange.note({ modelRequested: name });
    return proxyToOllama(exchange, isLimited ? plainBody : text, real);
  }
}

/** A key for some models must not change what the other keys' models are. */
function notForThisKey(): Failure {
  return new Failure('forbidden', 'this API key is limited to some models and cannot change models', {
    advice: 'Use a key without `models`.',
  });
}

/** As it may stand in a message. */
function short(name: string): string {
  return name.slice(0, 100);
}
