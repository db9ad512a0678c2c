// GET /v1/models and /v1/models/{id} (reference/openai-api.md E). From the catalogue's memory: clients poll this.
import { codexModels, modelList, modelNotFound, modelObject } from '../dialects/openai/models.ts';
import { type Naming, offered, resolve } from '../models/aliases.ts';
import { matchesGlob } from '../models/glob.ts';
import type { Model } from '../models/model.ts';
import type { Call } from './call.ts';
import type { Route } from './router.ts';

export interface ModelRoutesOptions {
  naming: () => Promise<Naming>;
}

export function modelRoutes({ naming }: ModelRoutesOptions): Route[] {
  const list = async (call: Call) => {
    const models = offeredTo(call, await naming());
    const codexVersion = new URL(call.request.url).searchParams.has('client_version');
    return Response.json(codexVersion ? codexModels(models) : modelList(models));
  };
  const one = async (call: Call, { id = '' }: Record<string, string>) => {
    const known = await naming();
    const { model } = found(id, known);
    if (!permits(call, model)) throw modelNotFound(id);
    return Response.json({ ...modelObject(model), id });
  };
  return [
    { path: '/v1/models', methods: { GET: list } },
    { path: '/v1/models/:id', methods: { GET: one } },
  ];
}

function found(id: string, naming: Naming) {
  try {
    return resolve(id, { ...naming, unknown: 'error' }, 'openai');
  } catch (cause) {
    throw Object.assign(modelNotFound(id), { cause });
  }
}

function offeredTo(call: Call, naming: Naming): Model[] {
  return offered(naming).filter((model) => permits(call, model));
}

function permits({ caller }: Call, { slug }: Model): boolean {
  return caller.models === undefined || caller.models.some((glob) => matchesGlob(glob, slug));
}
