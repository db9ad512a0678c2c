// The handlers of Ollama's API. Operations that need a model store are refused with the reason. Requests for models that
// codexd does not have go to the real Ollama server, if one is configured.

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
import { listOllamaModels, proxyToOllama } from './backend.ts';
import { changesModels, namedModels } from './names.ts';

type Services = Pick<ApiServices, 'turns' | 'naming' | 'bodyLimitBytes' | 'ollamaBackend'>;
type ModelHandler = (exchange: Exchange, models: RequestedModels) => Promise<Response> | Response;

/** Handles requests for codexd's models; forwards those for other models to the real Ollama server. */
export function modelEndpoint(
  endpoint: Pick<Endpoint, 'path' | 'summary' | 'translator' | 'explain'>,
  handlerFor: (services: ApiServices) => ModelHandler,
  method = 'POST',
): Endpoint {
  return {
    ...endpoint,
    methods: (services) => {
      const models = new RequestedModels(services);
      const handler = handlerFor(services);
      return {
        [method]: async (exchange) => (await models.forward(exchange)) ?? handler(exchange, models),
      };
    },
  };
}

/** A turn, after which the model counts as loaded. */
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

/** Lists codexd's models, then those of the real Ollama server. */
export function listEndpoint(
  endpoint: Pick<Endpoint, 'summary'> & { path: '/api/tags' | '/api/ps' },
  list: (models: Model[], services: ApiServices) => object[],
): Endpoint {
  return {
    ...endpoint,
    methods: (services) => ({
      GET: async ({ caller, signal }) => {
        const { naming, ollamaBackend: real } = services;
        const known = await naming();
        const others = real === undefined ? [] : await listOllamaModels(endpoint.path, real, signal);
        const theirs = others.filter(({ name }) => !isAccountModel(name, known) && permitsName(caller, name));
        return Response.json({ models: [...list(offeredTo(caller, known), services), ...theirs] });
      },
    }),
  };
}

export const show: ModelHandler = async (exchange, models) => {
  const model = await models.forChat(exchange);
  exchange.note({ modelUsed: model.slug });
  return Response.json(modelDetails(model));
};

export const pull: ModelHandler = async (exchange, models) => {
  const { name, model, stream } = await models.lookUp(exchange);
  if (model === undefined) {
    throw notFound(`model '${short(name)}' not found; this server offers only the models in /api/tags`);
  }
  if (stream === false) return Response.json({ status: 'success' });
  return lines([{ status: 'pulling manifest' }, { status: 'success' }]);
};

export const remove: ModelHandler = async (exchange, models) => {
  await models.existing(exchange);
  throw new Failure('forbidden', 'this server does not store models, so it cannot delete them', {
    advice: '',
  });
};

export const copy: ModelHandler = async (exchange, models) => {
  const { name, model } = await models.lookUp(exchange);
  if (model === undefined) throw notFound(`model "${short(name)}" not found`);
  return refuseStorage();
};

export const embed: ModelHandler = async (exchange, models) => {
  const { name, model } = await models.lookUp(exchange);
  if (model === undefined) throw modelNotFound(name);
  throw refusal(`"${short(name)}" does not support embeddings`, { code: 'unsupported_endpoint' });
};

/** Ollama's own clients request `/`. */
export function greet(): Response {
  return new Response('Ollama is running', { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

export function refuseStorage(): never {
  throw refusal('this server does not store models');
}

export function blobNotFound(): never {
  throw notFound('blob not found');
}

/** This server has no ollama.com account. */
export async function notSignedIn({ request }: Exchange): Promise<Response> {
  await discardBody(request);
  return Response.json({ error: 'you are not currently signed in' }, { status: 401 });
}

/** As Ollama's router responds. Clients would take an error of the API for a missing model. */
export async function pageNotFound({ request }: Exchange): Promise<Response> {
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
  /** The client's name for it. */
  name: string;
  /** Undefined if codexd does not have the model or the caller may not use it. Never the default model instead. */
  model: Model | undefined;
  stream: unknown;
}

/** Finds the model that a request is for. */
class RequestedModels {
  constructor(private readonly services: Services) {}

  /** The model that would answer a chat under this name, which may be the default model. */
  async forChat(exchange: Exchange): Promise<Model> {
    const { name } = await this.lookUp(exchange);
    exchange.note({ modelRequested: name });
    const model = foundFor(exchange.caller, name, await this.services.naming(), 'lenient');
    if (model === undefined) throw modelNotFound(name);
    return model;
  }

  /** The model itself. Throws 404 if codexd does not have it. */
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

  /** The real Ollama server's response, for models that codexd does not have; otherwise undefined. */
  async forward(exchange: Exchange): Promise<Response | undefined> {
    const { ollamaBackend: real, naming, bodyLimitBytes } = this.services;
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

/** A key limited to some models must not change others' models. */
function notForThisKey(): Failure {
  return new Failure('forbidden', 'this API key is limited to some models and cannot change models', {
    advice: 'Use a key without `models`.',
  });
}

/** Shortened for a message. */
function short(name: string): string {
  return name.slice(0, 100);
}
