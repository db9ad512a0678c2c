// GET /v1/models and /v1/models/{id}, which may include speech models. Served from memory, since clients poll them.
import { Failure } from '../../../failure.ts';
import { allowedModels } from '../../../models/aliases.ts';
import { foundFor, offeredTo, permitsName } from '../../../models/permitted.ts';
import type { Exchange } from '../../../server/exchange.ts';
import type { Handler } from '../../../server/router.ts';
import type { ApiServices } from '../../services.ts';
import { codexModels, modelList, modelMetadata, modelNotFound, modelObject } from '../models.ts';
import { type SpeechModel, speechMetadata, speechModelObject } from '../transcriptions/models.ts';

type Services = Pick<ApiServices, 'naming' | 'speech'>;
type Methods = Record<string, Handler>;

/** The value of `task` with which speaches' clients request only speech models. */
const speechTask = 'automatic-speech-recognition';

export function listModels(services: Services): Methods {
  const { naming, speech } = services;
  const list: Handler = async (exchange) => {
    const { caller, query } = exchange;
    const clientVersion = query.get('client_version');
    if (clientVersion !== null) return codexList(exchange, clientVersion, services);
    const { object, data } = modelList(offeredTo(caller, await naming()));
    const isAboutSpeech = query.get('task') === speechTask;
    if (!isAboutSpeech && !speech.isListed) return Response.json({ object, data });
    const speechModels = (await usableSpeech(exchange, services)).map(speechModelObject);
    // Last, since some clients use the first model for chats.
    return Response.json({ object, data: isAboutSpeech ? speechModels : [...data, ...speechModels] });
  };
  return { GET: list };
}

/** The backend's own list always has Codex's format. */
export function listCodexModels(services: Services): Methods {
  return { GET: (exchange) => codexList(exchange, exchange.query.get('client_version') ?? '', services) };
}

/** Turns repeat the etag in `x-models-etag`; Codex requests the list again when it changes. */
async function codexList(
  { caller, headers: sent }: Exchange,
  version: string,
  { naming }: Services,
): Promise<Response> {
  const known = await naming(/^\d+(?:\.\d+){2}/.exec(version.slice(0, 20))?.[0]);
  const models = allowedModels(known).filter(({ slug }) => permitsName(caller, slug));
  const headers = known.etag === undefined ? {} : { etag: known.etag };
  if (known.etag !== undefined && sent.get('if-none-match') === known.etag) {
    return new Response(null, { status: 304, headers });
  }
  return Response.json(codexModels(models), { headers });
}

export function getModel(services: Services): Methods {
  const one: Handler = async (exchange, { id = '' }) => {
    const model = foundFor(exchange.caller, id, await services.naming());
    if (model !== undefined) {
      exchange.note({ modelUsed: model.slug });
      return Response.json({ ...modelObject(model), id });
    }
    const speech = (await usableSpeech(exchange, services)).find((each) => each.id === id);
    if (speech === undefined) throw modelNotFound(id);
    return Response.json(speechModelObject(speech));
  };
  const remove: Handler = async (exchange, params) => {
    await one(exchange, params);
    throw new Failure('forbidden', "The account's models cannot be deleted.", { advice: '' });
  };
  return { GET: one, DELETE: remove };
}

export function listMetadata(services: Services): Methods {
  const metadata: Handler = async (exchange) => {
    const { object, data } = modelMetadata(offeredTo(exchange.caller, await services.naming()));
    const speech = await permittedSpeech(exchange, services);
    return Response.json({ object, data: [...data, ...speech.map(speechMetadata)] });
  };
  return { GET: metadata };
}

async function usableSpeech(exchange: Exchange, services: Services): Promise<SpeechModel[]> {
  return (await permittedSpeech(exchange, services)).filter(({ ready }) => ready);
}

/** A key may permit `engine:model` or only the model's name. */
async function permittedSpeech({ caller }: Exchange, { speech }: Services): Promise<SpeechModel[]> {
  const permits = (id: string) =>
    permitsName(caller, id) || permitsName(caller, id.slice(id.indexOf(':') + 1));
  return (await speech.models()).filter(({ id }) => permits(id));
}
