// The admin routes of open-asr-server: list loaded speech models, and unload them.
import { Failure } from '../../failure.ts';
import { permitsName } from '../../models/permitted.ts';
import { isObject } from '../../responses/fields.ts';
import { readJson } from '../../server/body.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { Endpoint } from '../api.ts';
import type { LoadedModel, LoadedModels } from '../services.ts';

const bodyLimitBytes = 64 * 1024;

const summary = 'the models loaded by speech servers that codexd runs, as in open-asr-server';

export const speechAdminEndpoints: readonly Endpoint[] = [
  {
    path: '/v1/admin/models/status',
    summary,
    methods: ({ speech: { loaded } }) => ({ GET: (exchange) => status(exchange, loaded) }),
  },
  {
    path: '/v1/admin/models/unload',
    summary,
    methods: ({ speech: { loaded } }) => ({ POST: (exchange) => unload(exchange, loaded) }),
  },
  {
    path: '/v1/admin/models/unload-all',
    summary,
    methods: ({ speech: { loaded } }) => ({ POST: (exchange) => unloadAll(exchange, loaded) }),
  },
];

function status(exchange: Exchange, loaded: LoadedModels): Response {
  return Response.json({
    data: listedFor(exchange, loaded.list()).map(({ id, engine, model, pinned, active, idleSeconds }) => {
      return { id, backend: engine, model, pinned, active_requests: active, idle_seconds: idleSeconds };
    }),
  });
}

async function unload(exchange: Exchange, loaded: LoadedModels): Promise<Response> {
  const { model: name, force } = await optionsOf(exchange);
  const model = loaded.list().find(({ id, model }) => id === name || model === name);
  if (model === undefined) throw notLoaded();
  if (force !== true && (model.pinned || model.active > 0)) throw inUse(model);
  return unloadThese(loaded, [model], []);
}

async function unloadAll(exchange: Exchange, loaded: LoadedModels): Promise<Response> {
  const { include_pinned: includePinned } = await optionsOf(exchange);
  const stays = ({ pinned, active }: LoadedModel) => active > 0 || (pinned && includePinned !== true);
  const all = loaded.list();
  return unloadThese(
    loaded,
    all.filter((model) => !stays(model)),
    all.filter(stays),
  );
}

async function unloadThese(
  loaded: LoadedModels,
  chosen: LoadedModel[],
  skipped: LoadedModel[],
): Promise<Response> {
  await Promise.all(chosen.map(({ id }) => loaded.unload(id)));
  return Response.json({ unloaded: ids(chosen), skipped: ids(skipped), loaded: ids(loaded.list()) });
}

function listedFor({ caller }: Exchange, models: LoadedModel[]): LoadedModel[] {
  return models.filter(({ id, model }) => permitsName(caller, id) || permitsName(caller, model));
}

/** The body may be empty. A key limited to some models must not unload others' models. */
async function optionsOf(exchange: Exchange): Promise<Record<string, unknown>> {
  if (exchange.caller.models !== undefined) throw limitedKey();
  if (exchange.request.body === null) return {};
  const body = await readJson(exchange, bodyLimitBytes);
  if (isObject(body)) return body;
  throw new Failure('invalid_request', 'The request body must be a JSON object.', { code: 'invalid_type' });
}

function limitedKey(): Failure {
  return new Failure('forbidden', 'This API key is limited to some models and cannot unload any.', {
    advice: 'Use a key without `models`.',
  });
}

function ids(models: LoadedModel[]): string[] {
  return models.map(({ id }) => id);
}

function notLoaded(): Failure {
  return new Failure('not_found', 'No such speech model is loaded.', {
    code: 'model_not_found',
    param: 'model',
    advice: '`GET /v1/admin/models/status` lists the loaded models.',
  });
}

function inUse({ pinned }: LoadedModel): Failure {
  const why = pinned ? 'is kept loaded by `transcription.preload`' : 'is in use';
  return new Failure('invalid_request', `The speech model ${why}.`, {
    status: 409,
    code: 'conflict',
    param: 'model',
    advice: 'Send `"force": true` to unload it anyway.',
  });
}
