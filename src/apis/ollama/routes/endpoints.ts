// The routes of Ollama's API (product.md 5, reference/ollama-api.md 1). What only a server with models of its own can do
// is refused in words; models that codexd does not have are asked of a real Ollama, where one is configured.

import { Failure, type FailureOptions } from '../../../failure.ts';
import { isAccountModel, type Naming } from '../../../models/aliases.ts';
import type { Model } from '../../../models/model.ts';
import { isObject } from '../../../responses/fields.ts';
import type { Translator } from '../../../responses/translator.ts';
import { discardBody, readJsonText } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import type { Handler, Route } from '../../../server/router.ts';
import type { TurnResponder } from '../../../server/turn-responder.ts';
import { found, isAnthropic, offeredTo, permits, permitsName } from '../../openai/routes/models.ts';
import { ollamaChat } from '../chat/index.ts';
import { modelNotFound } from '../errors.ts';
import { ollamaGenerate } from '../generate/index.ts';
import { apiVersion, listedModels, loadedModels, modelDetails } from '../models.ts';
import type { OllamaTranslation } from '../types.ts';
import { proxyToOllama, type RealOllama, realList } from './backend.ts';
import { changesModels, namedModels } from './names.ts';
import { RecentModels } from './recent-models.ts';

export interface OllamaRoutesOptions {
  turns: TurnResponder;
  naming: () => Promise<Naming>;
  bodyLimitBytes: number;
  version: string;
  nowMs: () => number;
  real?: RealOllama | undefined;
}

export function ollamaRoutes(options: OllamaRoutesOptions): Route[] {
  const { turns, naming, version, real } = options;
  const asking = new Asking(options);
  const loaded = new RecentModels(options.nowMs);
  /** For models of ours; the others are asked of the real Ollama. */
  const ours = (path: string, answer: Handler, method = 'POST'): Route => ({
    path,
    methods: {
      [method]: async (exchange, params) => (await asking.real(exchange)) ?? answer(exchange, params),
    },
  });
  const get = (path: string, answer: Handler): Route => ({ path, methods: { GET: answer } });

  const answered = (dialect: Translator<OllamaTranslation>) => async (exchange: Exchange) => {
    const translation = await turns.translate(dialect, exchange);
    const answer = await turns.respondTo(translation, dialect, 'ollama', exchange);
    const { modelUsed: slug = '' } = exchange.facts;
    if (translation.idle === 'unload') loaded.unload(slug);
    else loaded.use(slug);
    return answer;
  };
  const listed = async (
    path: '/api/tags' | '/api/ps',
    exchange: Exchange,
    list: (models: Model[]) => object[],
  ) => {
    const known = await naming();
    const others = real === undefined ? [] : await realList(path, real, exchange.signal);
    const theirs = others.filter(({ name }) => !isAccountModel(name, known) && permitsName(exchange, name));
    return Response.json({ models: [...list(offeredTo(exchange, known)), ...theirs] });
  };
  const show = async (exchange: Exchange) => {
    const model = await asking.answering(exchange);
    exchange.note({ modelUsed: model.slug });
    return Response.json(modelDetails(model));
  };
  const pull = async (exchange: Exchange) => {
    const { name, model, stream } = await asking.about(exchange);
    if (model === undefined) {
      throw notFound(`model '${short(name)}' not found; this server offers only the models in /api/tags`);
    }
    if (stream === false) return Response.json({ status: 'success' });
    return lines([{ status: 'pulling manifest' }, { status: 'success' }]);
  };
  const remove = async (exchange: Exchange) => {
    await asking.model(exchange);
    throw new Failure('forbidden', 'models of this server cannot be deleted', { advice: '' });
  };
  const copy = async (exchange: Exchange) => {
    const { name, model } = await asking.about(exchange);
    if (model === undefined) throw notFound(`model "${short(name)}" not found`);
    return storesNothing();
  };
  const embed = async (exchange: Exchange) => {
    const { name, model } = await asking.about(exchange);
    if (model === undefined) throw modelNotFound(name);
    throw refusal(`"${short(name)}" does not support embeddings`, { code: 'unsupported_endpoint' });
  };
  return [
    ours('/api/chat', answered(ollamaChat)),
    ours('/api/generate', answered(ollamaGenerate)),
    ours('/api/show', show),
    ours('/api/embed', embed),
    ours('/api/embeddings', embed),
    get('/api/tags', (exchange) => listed('/api/tags', exchange, listedModels)),
    get('/api/ps', (exchange) =>
      listed('/api/ps', exchange, (models) => loadedModels(models, ({ slug }) => loaded.expiryMs(slug))),
    ),
    {
      ...get('/api/version', () => Response.json({ version: apiVersion, server: `codexd ${version}` })),
      open: true,
    },
    ours('/api/pull', pull),
    ours('/api/delete', remove, 'DELETE'),
    ours('/api/copy', copy),
    ours('/api/push', storesNothing),
    ours('/api/create', storesNothing),
    { path: '/api/blobs/:digest', methods: { GET: noBlob, POST: storesNothing } },
    { path: '/api/me', methods: { POST: notSignedIn } },
    { path: '/api/signout', methods: { POST: notSignedIn } },
    { path: '/api/user/keys/:key', methods: { DELETE: notSignedIn } },
    {
      path: '/api/:rest',
      methods: { GET: noPage, POST: noPage, PUT: noPage, PATCH: noPage, DELETE: noPage },
    },
  ];
}

/** The API that a path belongs to; Claude Code's `/api/hello` needs no words, and `/api/codex` is ChatGPT's backend. */
export function isOllamaPath(path: string): boolean {
  return path.startsWith('/api/') && !path.startsWith('/api/codex/');
}

/** How Ollama's own clients name themselves; they look for their server's greeting at `/`. */
export function isOllamaClient(headers: Headers): boolean {
  return /^ollama\b/i.test(headers.get('user-agent') ?? '');
}

export function greeting(): Response {
  return new Response('Ollama is running', { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

function storesNothing(): never {
  throw refusal('this server does not store models');
}

function noBlob(): never {
  throw notFound('blob not found');
}

/** There is no account at ollama.com behind this server. */
async function notSignedIn({ request }: Exchange): Promise<Response> {
  await discardBody(request);
  return Response.json({ error: 'you are not currently signed in' }, { status: 401 });
}

/** In the words of Ollama's router, not as an error of its API: clients take that for a missing model (trap 54). */
async function noPage({ request, path }: Exchange): Promise<Response> {
  if (isAnthropic(request.headers)) throw notFound(`There is no ${path}.`);
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

interface About {
  /** As the client has it. */
  name: string;
  /** Undefined where codexd has no such model, or not for this caller; no default pretends to be it. */
  model: Model | undefined;
  stream: unknown;
}

/** Which model a request is about. */
class Asking {
  constructor(private readonly options: OllamaRoutesOptions) {}

  /** The model that answers a chat with this name, which may be the default one. */
  async answering(exchange: Exchange): Promise<Model> {
    const { name } = await this.about(exchange);
    exchange.note({ modelRequested: name });
    const model = found(name, await this.options.naming(), 'ollama');
    if (model === undefined || !permits(exchange, model)) throw modelNotFound(name);
    return model;
  }

  /** Throws 404 for a model that codexd does not have. */
  async model(exchange: Exchange): Promise<Model> {
    const { name, model } = await this.about(exchange);
    if (model === undefined) throw modelNotFound(name);
    return model;
  }

  async about(exchange: Exchange): Promise<About> {
    const { text, body } = await readJsonText(exchange, this.options.bodyLimitBytes);
    const { name } = namedModels(exchange.path, text, body);
    if (name === undefined) throw refusal('model is required', { param: 'model' });
    const naming = await this.options.naming();
    const model = isAccountModel(name, naming) ? found(name, naming) : undefined;
    const permitted = model !== undefined && permits(exchange, model);
    return { name, model: permitted ? model : undefined, stream: isObject(body) ? body.stream : undefined };
  }

  /** The real Ollama's answer about a model that is not codexd's; undefined when codexd answers itself. */
  async real(exchange: Exchange): Promise<Response | undefined> {
    const { real, naming, bodyLimitBytes } = this.options;
    if (real === undefined) return undefined;
    const copy = exchange.request.clone() as Request;
    const reserve = (bytes: number) => exchange.reserve(bytes);
    const { text, body } = await readJsonText({ request: copy, reserve }, bodyLimitBytes);
    const { name, all, plainBody } = namedModels(exchange.path, text, body);
    if (name === undefined || isAccountModel(name, await naming())) return undefined;
    const isLimited = exchange.caller.models !== undefined;
    if (isLimited && changesModels(exchange.path)) throw notForThisKey();
    const refused = all.find((each) => !permitsName(exchange, each));
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
