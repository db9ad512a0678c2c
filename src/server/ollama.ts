// The routes of Ollama's API (product.md 5, reference/ollama-api.md 1). What only a server with models of its own can do
// is refused in words; models that codexd does not have are asked of a real Ollama, where one is configured.
import { ollamaChat } from '../dialects/ollama/chat/index.ts';
import { modelNotFound } from '../dialects/ollama/errors.ts';
import { ollamaGenerate } from '../dialects/ollama/generate/index.ts';
import { apiVersion, modelDetails, modelList } from '../dialects/ollama/models.ts';
import { Failure, type FailureOptions } from '../failure.ts';
import type { Naming } from '../models/aliases.ts';
import type { Model } from '../models/model.ts';
import { isObject } from '../responses/fields.ts';
import type { Fetch } from '../upstream/transport.ts';
import { readJson } from './body.ts';
import type { Call } from './call.ts';
import { found, offeredTo, permits } from './models.ts';
import type { Handler, Route } from './router.ts';
import type { TurnService } from './turns.ts';

export interface OllamaRoutesOptions {
  turns: TurnService;
  naming: () => Promise<Naming>;
  bodyLimitBytes: number;
  version: string;
  /** A real Ollama, and the way to it. */
  real?: { url: string; fetch: Fetch } | undefined;
}

const notStored = 'this server does not store models';

export function ollamaRoutes(options: OllamaRoutesOptions): Route[] {
  const { turns, naming, version } = options;
  const asking = new Asking(options);
  const post = (path: string, answer: Handler): Route => ({ path, methods: { POST: answer } });
  /** For models of ours; the others are asked of the real Ollama. */
  const ours = (path: string, answer: Handler) =>
    post(path, async (call, params) => (await asking.real(call)) ?? answer(call, params));

  const show = async (call: Call) => Response.json(modelDetails(await asking.model(call)));
  const pull = async (call: Call) => {
    const { stream } = await asking.known(call);
    if (stream === false) return Response.json({ status: 'success' });
    return lines([{ status: 'pulling manifest' }, { status: 'success' }]);
  };
  const remove = async (call: Call) => {
    await asking.model(call);
    throw new Failure('forbidden', 'models of this server cannot be deleted', { next: '' });
  };
  const embed = async (call: Call) => {
    const { name } = await asking.known(call);
    throw refusal(`"${name}" does not support embeddings`, { code: 'unsupported_endpoint' });
  };
  return [
    ours('/api/chat', (call) => turns.answer(ollamaChat, 'ollama', call)),
    ours('/api/generate', (call) => turns.answer(ollamaGenerate, 'ollama', call)),
    ours('/api/show', show),
    ours('/api/embed', embed),
    ours('/api/embeddings', embed),
    {
      path: '/api/tags',
      methods: { GET: async (call) => Response.json(modelList(offeredTo(call, await naming()))) },
    },
    // Nothing is loaded here, so nothing is told to be.
    { path: '/api/ps', methods: { GET: () => Response.json({ models: [] }) } },
    {
      path: '/api/version',
      open: true,
      methods: { GET: () => Response.json({ version: apiVersion, server: `codexd ${version}` }) },
    },
    post('/api/pull', pull),
    { path: '/api/delete', methods: { DELETE: remove } },
    ...['/api/push', '/api/create', '/api/copy', '/api/blobs/:digest'].map((path) =>
      post(path, storesNothing),
    ),
  ];
}

/** The API that a path belongs to; Claude Code's `/api/hello` needs no words. */
export function isOllamaPath(path: string): boolean {
  return path.startsWith('/api/');
}

/** How Ollama's own clients name themselves; they look for their server's greeting at `/`. */
export function isOllamaClient(headers: Headers): boolean {
  return /^ollama\b/i.test(headers.get('user-agent') ?? '');
}

export function greeting(): Response {
  return new Response('Ollama is running', { headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

function storesNothing(): never {
  throw refusal(notStored);
}

function refusal(message: string, options: FailureOptions = {}): Failure {
  return new Failure('invalid_request', message, options);
}

function lines(objects: object[]): Response {
  const text = objects.map((each) => `${JSON.stringify(each)}\n`).join('');
  return new Response(text, { headers: { 'content-type': 'application/x-ndjson' } });
}

interface Known {
  /** As the client has it. */
  name: string;
  model: Model;
  stream: unknown;
}

/** Which model a request is about. */
class Asking {
  constructor(private readonly options: OllamaRoutesOptions) {}

  async model(call: Call): Promise<Model> {
    return (await this.known(call)).model;
  }

  /** Throws 404 for a model that codexd does not have, where a default would pretend. */
  async known(call: Call): Promise<Known> {
    const body = await readJson(call.request, this.options.bodyLimitBytes);
    const name = nameOf(body);
    if (name === undefined) throw refusal('model is required', { param: 'model' });
    const model = found(name, await this.options.naming());
    if (model === undefined || !permits(call, model)) throw modelNotFound(name);
    return { name, model, stream: isObject(body) ? body.stream : undefined };
  }

  /** The real Ollama's answer about a model that is not codexd's; undefined when codexd answers itself. */
  async real(call: Call): Promise<Response | undefined> {
    const { real, naming, bodyLimitBytes } = this.options;
    if (real === undefined) return undefined;
    const copy = call.request.clone() as Request;
    const name = nameOf(await readJson(copy, bodyLimitBytes));
    if (name === undefined || found(name, await naming()) !== undefined) return undefined;
    call.modelAsked = name;
    return passedOn(call, real);
  }
}

/** Older clients say `name`. */
function nameOf(body: unknown): string | undefined {
  const name = isObject(body) ? (body.model ?? body.name) : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}

/** As it came, both ways; only the daemon's own key stays here. */
async function passedOn(call: Call, { url, fetch }: { url: string; fetch: Fetch }): Promise<Response> {
  const { request, path, signal } = call;
  const headers = new Headers();
  for (const name of ['content-type', 'content-encoding', 'accept', 'user-agent']) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const body = await request.arrayBuffer();
  try {
    const answer = await fetch(url + path, { method: 'POST', headers, body, signal, ...{ timeout: false } });
    const type = answer.headers.get('content-type') ?? 'application/json; charset=utf-8';
    return new Response(answer.body, { status: answer.status, headers: { 'content-type': type } });
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Failure('upstream_unreachable', `The Ollama at ${new URL(url).host} cannot be reached.`, {
      code: 'ollama_unreachable',
      next: 'Start it, or correct `ollama.url`.',
      cause,
    });
  }
}
