// GET /v1/models and /v1/models/{id}: one path, two dialects (reference/openai-api.md E, anthropic-api.md 14), and the
// speech models where the dialect has any. From memory: clients poll this.
import * as anthropic from '../dialects/anthropic/models.ts';
import {
  codexModels,
  modelList,
  modelMetadata,
  modelNotFound,
  modelObject,
} from '../dialects/openai/models.ts';
import {
  type SpeechModel,
  speechMetadata,
  speechModelObject,
} from '../dialects/openai/transcriptions/models.ts';
import { Failure } from '../failure.ts';
import { type ModelDialect, type Naming, offered, resolve, usable } from '../models/aliases.ts';
import { matchesGlob } from '../models/glob.ts';
import type { Model } from '../models/model.ts';
import type { Call } from './exchange.ts';
import type { Handler, Route } from './router.ts';

export interface ModelRoutesOptions {
  /** With the version a Codex client is, the names by its own list. */
  naming: (codexVersion?: string) => Promise<Naming>;
  /** Speech models, usable or not; from memory, too. */
  speech?: () => Promise<SpeechModel[]>;
  /** Whether the plain list has them, behind the chat models. Open WebUI and others offer all of that list for chats. */
  listsSpeech?: boolean;
}

/** The query by which speaches' clients ask for speech models alone. */
const speechTask = 'automatic-speech-recognition';

export function modelRoutes({
  naming,
  speech = async () => [],
  listsSpeech = false,
}: ModelRoutesOptions): Route[] {
  const speechFor = async (call: Call) => (await speech()).filter(({ id }) => permitsSpeech(call, id));
  const usableSpeech = async (call: Call) => (await speechFor(call)).filter(({ ready }) => ready);
  const codexList = async (call: Call, version: string) => {
    const known = await naming(/^\d+(?:\.\d+){2}/.exec(version.slice(0, 20))?.[0]);
    const models = usable(known).filter((model) => permits(call, model));
    const headers = known.etag === undefined ? {} : { etag: known.etag };
    return Response.json(codexModels(models), { headers });
  };
  const list = async (call: Call) => {
    const { query } = call;
    const clientVersion = query.get('client_version');
    if (clientVersion !== null && !isAnthropic(call.request.headers)) return codexList(call, clientVersion);
    const models = offeredTo(call, await naming());
    if (isAnthropic(call.request.headers)) return Response.json(anthropic.modelPage(models, query));
    const { object, data } = modelList(models);
    const isAboutSpeech = query.get('task') === speechTask;
    if (!isAboutSpeech && !listsSpeech) return Response.json({ object, data });
    const speechModels = (await usableSpeech(call)).map(speechModelObject);
    // Last: some clients take the first for their chat model.
    return Response.json({ object, data: isAboutSpeech ? speechModels : [...data, ...speechModels] });
  };
  const one = async (call: Call, { id = '' }: Record<string, string>) => {
    const vendor = isAnthropic(call.request.headers) ? anthropic : { modelObject, modelNotFound };
    const model = found(id, await naming());
    if (model !== undefined && permits(call, model)) {
      call.modelUsed = model.slug;
      return Response.json({ ...vendor.modelObject(model), id });
    }
    const heard = (await usableSpeech(call)).find((each) => each.id === id);
    if (heard !== undefined && vendor !== anthropic) return Response.json(speechModelObject(heard));
    throw vendor.modelNotFound(id);
  };
  const metadata = async (call: Call) => {
    const { object, data } = modelMetadata(offeredTo(call, await naming()));
    return Response.json({ object, data: [...data, ...(await speechFor(call)).map(speechMetadata)] });
  };
  const remove: Handler = async (call, params) => {
    await one(call, params);
    throw new Failure('forbidden', 'Models of the account cannot be deleted.', { advice: 'Leave it.' });
  };
  return [
    { path: '/v1/models', methods: { GET: list } },
    { path: '/v1/models/metadata', methods: { GET: metadata } },
    { path: '/v1/models/:id', methods: { GET: one, DELETE: remove } },
  ];
}

/** Anthropic's clients always say which version of its API they speak; nobody else does. */
export function isAnthropic(headers: Headers): boolean {
  return headers.has('anthropic-version');
}

/** The model that answers for a name; unknown names have none, not even the default model. */
export function found(id: string, naming: Naming, dialect: ModelDialect = 'openai'): Model | undefined {
  try {
    return resolve(id, { ...naming, unknown: 'error' }, dialect).model;
  } catch {
    return undefined;
  }
}

/** What lists show to this caller. */
export function offeredTo(call: Call, naming: Naming): Model[] {
  return offered(naming).filter((model) => permits(call, model));
}

/** As `engine:model` or as the model alone. */
function permitsSpeech(call: Call, id: string): boolean {
  return permitsName(call, id) || permitsName(call, id.slice(id.indexOf(':') + 1));
}

export function permits(call: Call, { slug }: Model): boolean {
  return permitsName(call, slug);
}

/** Whether the caller's key is for models of this name. */
export function permitsName({ caller }: Call, name: string): boolean {
  return caller.models === undefined || caller.models.some((glob) => matchesGlob(glob, name));
}
