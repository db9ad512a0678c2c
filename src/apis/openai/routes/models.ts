// GET /v1/models and /v1/models/{id}: one path, two dialects (reference/openai-api.md E, anthropic-api.md 14), and the
// speech models where the dialect has any. From memory: clients poll this.

import { Failure } from '../../../failure.ts';
import {
  allowedModels,
  type ModelDialect,
  type Naming,
  resolve,
  visibleModels,
} from '../../../models/aliases.ts';
import { matchesGlob } from '../../../models/glob.ts';
import type { Model } from '../../../models/model.ts';
import type { Exchange } from '../../../server/exchange.ts';
import type { Handler, Route } from '../../../server/router.ts';
import * as anthropic from '../../anthropic/models.ts';
import { codexModels, modelList, modelMetadata, modelNotFound, modelObject } from '../models.ts';
import { type SpeechModel, speechMetadata, speechModelObject } from '../transcriptions/models.ts';

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
  const speechFor = async (exchange: Exchange) =>
    (await speech()).filter(({ id }) => permitsSpeech(exchange, id));
  const usableSpeech = async (exchange: Exchange) => (await speechFor(exchange)).filter(({ ready }) => ready);
  const codexList = async (exchange: Exchange, version: string) => {
    const known = await naming(/^\d+(?:\.\d+){2}/.exec(version.slice(0, 20))?.[0]);
    const models = allowedModels(known).filter((model) => permits(exchange, model));
    const headers = known.etag === undefined ? {} : { etag: known.etag };
    return Response.json(codexModels(models), { headers });
  };
  const list = async (exchange: Exchange) => {
    const { query } = exchange;
    const clientVersion = query.get('client_version');
    if (clientVersion !== null && !isAnthropic(exchange.request.headers))
      return codexList(exchange, clientVersion);
    const models = offeredTo(exchange, await naming());
    if (isAnthropic(exchange.request.headers)) return Response.json(anthropic.modelPage(models, query));
    const { object, data } = modelList(models);
    const isAboutSpeech = query.get('task') === speechTask;
    if (!isAboutSpeech && !listsSpeech) return Response.json({ object, data });
    const speechModels = (await usableSpeech(exchange)).map(speechModelObject);
    // Last: some clients take the first for their chat model.
    return Response.json({ object, data: isAboutSpeech ? speechModels : [...data, ...speechModels] });
  };
  const one = async (exchange: Exchange, { id = '' }: Record<string, string>) => {
    const vendor = isAnthropic(exchange.request.headers) ? anthropic : { modelObject, modelNotFound };
    const model = found(id, await naming());
    if (model !== undefined && permits(exchange, model)) {
      exchange.note({ modelUsed: model.slug });
      return Response.json({ ...vendor.modelObject(model), id });
    }
    const heard = (await usableSpeech(exchange)).find((each) => each.id === id);
    if (heard !== undefined && vendor !== anthropic) return Response.json(speechModelObject(heard));
    throw vendor.modelNotFound(id);
  };
  const metadata = async (exchange: Exchange) => {
    const { object, data } = modelMetadata(offeredTo(exchange, await naming()));
    return Response.json({ object, data: [...data, ...(await speechFor(exchange)).map(speechMetadata)] });
  };
  const remove: Handler = async (exchange, params) => {
    await one(exchange, params);
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
export function offeredTo(exchange: Exchange, naming: Naming): Model[] {
  return visibleModels(naming).filter((model) => permits(exchange, model));
}

/** As `engine:model` or as the model alone. */
function permitsSpeech(exchange: Exchange, id: string): boolean {
  return permitsName(exchange, id) || permitsName(exchange, id.slice(id.indexOf(':') + 1));
}

export function permits(exchange: Exchange, { slug }: Model): boolean {
  return permitsName(exchange, slug);
}

/** Whether the caller's key is for models of this name. */
export function permitsName({ caller }: Exchange, name: string): boolean {
  return caller.models === undefined || caller.models.some((glob) => matchesGlob(glob, name));
}
