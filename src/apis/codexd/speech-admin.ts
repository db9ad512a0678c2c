// What open-asr-server's admin routes tell and do: which speech models are in memory, and getting
// them out of it.
import { Failure } from '../../failure.ts';
import { isObject } from '../../responses/fields.ts';
import { readJson } from '../../server/body.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { Handler, Route } from '../../server/router.ts';
import { permitsName } from '../openai/routes/models.ts';

export interface LoadedModel {
  /** `engine:model`. */
  id: string;
  engine: string;
  model: string;
  /** Loaded at the start, to stay. */
  pinned: boolean;
  /** Jobs it works on. */
  active: number;
  /** Since its last job. */
  idleSeconds: number;
}

export interface LoadedModels {
  list(): LoadedModel[];
  /** Resolves when it is out of memory; its jobs fail. */
  unload(id: string): Promise<void>;
}

const bodyLimitBytes = 64 * 1024;

export function speechAdminRoutes(loaded: LoadedModels): Route[] {
  const status: Handler = (exchange) =>
    Response.json({
      data: listedFor(exchange, loaded.list()).map(({ id, engine, model, pinned, active, idleSeconds }) => {
        return { id, backend: engine, model, pinned, active_requests: active, idle_seconds: idleSeconds };
      }),
    });
  const done = async (unwanted: LoadedModel[], skipped: LoadedModel[]) => {
    await Promise.all(unwanted.map(({ id }) => loaded.unload(id)));
    return Response.json({ unloaded: ids(unwanted), skipped: ids(skipped), loaded: ids(loaded.list()) });
  };
  const unload: Handler = async (exchange) => {
    const { model: name, force } = await optionsOf(exchange);
    const model = loaded.list().find(({ id, model }) => id === name || model === name);
    if (model === undefined) throw notLoaded();
    if (force !== true && (model.pinned || model.active > 0)) throw inUse(model);
    return done([model], []);
  };
  const unloadAll: Handler = async (exchange) => {
    const { include_pinned: includePinned } = await optionsOf(exchange);
    const stays = ({ pinned, active }: LoadedModel) => active > 0 || (pinned && includePinned !== true);
    const all = loaded.list();
    return done(
      all.filter((model) => !stays(model)),
      all.filter(stays),
    );
  };
  return [
    { path: '/v1/admin/models/status', methods: { GET: status } },
    { path: '/v1/admin/models/unload', methods: { POST: unload } },
    { path: '/v1/admin/models/unload-all', methods: { POST: unloadAll } },
  ];
}

function listedFor(exchange: Exchange, models: LoadedModel[]): LoadedModel[] {
  return models.filter(({ id, model }) => permitsName(exchange, id) || permitsName(exchange, model));
}

/** An empty body sets no option. A key for some models must not unload those of others. */
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
    advice: '`GET /v1/admin/models/status` lists what is.',
  });
}

function inUse({ pinned }: LoadedModel): Failure {
  const why = pinned ? 'is kept loaded by `transcription.preload`' : 'is at work';
  return new Failure('invalid_request', `The speech model ${why}.`, {
    status: 409,
    code: 'conflict',
    param: 'model',
    advice: 'Send `force` = true to unload it nevertheless.',
  });
}
