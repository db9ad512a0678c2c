// POST /v1/responses and /v1/chat/completions, whose turns can continue earlier responses and can be stored; and the
// endpoints for stored responses (docs/wire/openai.md#stored-responses).
import { Failure } from '../../../failure.ts';
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import type { Translation, Translator } from '../../../responses/translator.ts';
import { readJson } from '../../../server/body.ts';
import type { Handler } from '../../../server/router.ts';
import type { ResponseStore, StoredResponse } from '../../../store/response-store.ts';
import type { Endpoint } from '../../api.ts';
import type { ApiServices } from '../../services.ts';
import { openaiChat } from '../chat/index.ts';
import { chatEcho } from '../chat/stored.ts';
import type { ChatTranslation } from '../chat/types.ts';
import { invalid, optionalBoolean, quoted } from '../check.ts';
import { openaiResponses } from '../responses/index.ts';
import { includedBy, listedItem, pageOf, shownResponse } from '../responses/stored.ts';
import type { ResponsesTranslation } from '../responses/types.ts';
import { contextWithEarlier, findEarlier } from './earlier.ts';
import { KeptResponse, keptOptions, notStored } from './kept-response.ts';

type Services = Pick<ApiServices, 'turns' | 'bodyLimitBytes' | 'responses'>;

/** How the turns of an endpoint are stored. */
interface Keeping<T> {
  /** Whether the response is to be stored. */
  isWanted(body: Fields): boolean;
  /** The request's fields that the Response object repeats. */
  shownBy(translation: T, body: Fields): ResponsesTranslation;
  /** The translation of a request whose response will not be stored. */
  withoutStore(translation: T): T;
}

const keepingResponses: Keeping<ResponsesTranslation> = {
  isWanted: ({ store }) => optionalBoolean(store, 'store') ?? true,
  shownBy: (translation) => translation,
  withoutStore: (translation) => ({ ...translation, echo: { ...translation.echo, store: false } }),
};

/** As in the public API, a chat completion is stored only on request, or if it continues a stored one. */
const keepingChats: Keeping<ChatTranslation> = {
  isWanted: ({ store, previous_response_id: previous }) => optionalBoolean(store, 'store') ?? isSet(previous),
  shownBy: chatEcho,
  withoutStore: (translation) => translation,
};

export const createResponse = (services: Services) => storedTurn(openaiResponses, keepingResponses, services);
export const createChatCompletion = (services: Services) => storedTurn(openaiChat, keepingChats, services);

function storedTurn<T extends Translation & { ownInput: Fields[] }>(
  translator: Translator<T>,
  keeping: Keeping<T>,
  services: Services,
): Handler {
  return async (exchange) => {
    const { turns, bodyLimitBytes, responses } = services;
    const body = await readJson(exchange, bodyLimitBytes);
    const context = await contextWithEarlier(body, exchange, services);
    const translation = translator.request(body, context);
    const fields = isObject(body) ? body : {};
    const { store, running } = responses;
    if (!keeping.isWanted(fields)) return turns.respondTo(translation, translator, 'strict', exchange);
    if (store === undefined || !(await store.isReady())) {
      const isMissed = store !== undefined || fields.store === true;
      const dropped = isMissed ? [...translation.dropped, notStored] : translation.dropped;
      const unstored = keeping.withoutStore({ ...translation, dropped });
      return turns.respondTo(unstored, translator, 'strict', exchange);
    }
    const shown = keeping.shownBy(translation, fields);
    const kept = new KeptResponse({
      ...{ owner: responses.ownerOf(exchange.caller), store, running },
      ...keptOptions(translation, shown, context.earlier, exchange),
    });
    return turns.respondTo(translation, translator, 'strict', exchange, kept);
  };
}

export const oneResponse: Endpoint = {
  path: '/v1/responses/:id',
  summary: 'a stored response; `DELETE` removes it',
  methods: ({ responses }) => {
    const retrieve: Handler = async (exchange, { id = '' }) => {
      if (exchange.query.get('stream') === 'true') throw notStreamed();
      const owner = responses.ownerOf(exchange.caller);
      const included = includedBy(exchange.query);
      const running = responses.running.find(owner, id);
      if (running !== undefined) {
        return Response.json(shownResponse(running.response, running.response.output ?? [], included));
      }
      return Response.json(shownStored(await stored(id, owner, responses.store), included));
    };
    const remove: Handler = async (exchange, { id = '' }) => {
      const owner = responses.ownerOf(exchange.caller);
      if (responses.running.find(owner, id) !== undefined) throw stillRunning(id);
      if (!(await responses.store?.remove(owner, id))) throw notFound(id);
      return Response.json({ id, object: 'response', deleted: true });
    };
    return { GET: retrieve, DELETE: remove };
  },
};

export const cancelResponse: Endpoint = {
  path: '/v1/responses/:id/cancel',
  summary: 'cancels a response that this daemon is generating',
  methods: ({ responses }) => {
    const cancel: Handler = async (exchange, { id = '' }) => {
      const owner = responses.ownerOf(exchange.caller);
      const included = includedBy(exchange.query);
      const running = responses.running.find(owner, id);
      if (running !== undefined) {
        const cancelled = await running.cancel();
        return Response.json(shownResponse(cancelled, cancelled.output ?? [], included));
      }
      const found = await stored(id, owner, responses.store);
      if (found.response.status === 'cancelled') return Response.json(shownStored(found, included));
      throw invalid(undefined, 'Cannot cancel a synchronous response.', undefined, 'It has already ended.');
    };
    return { POST: cancel };
  },
};

export const listInputItems: Endpoint = {
  path: '/v1/responses/:id/input_items',
  summary: "the items of a stored response's input, with those of the conversation it continues",
  methods: ({ responses, bodyLimitBytes }) => {
    const list: Handler = async (exchange, { id = '' }) => {
      const owner = responses.ownerOf(exchange.caller);
      const included = includedBy(exchange.query);
      const { response, input } = await stored(id, owner, responses.store);
      const { previous_response_id } = response;
      const find = (body: Fields) => findEarlier(body, owner, responses, bodyLimitBytes);
      const earlier = await find({ previous_response_id, input }).catch((thrown: unknown) => {
        if (thrown instanceof Failure && thrown.code === 'previous_response_not_found')
          return find({ input });
        throw thrown;
      });
      const items = [...(earlier?.history ?? []), ...input].map(
        (item) => earlier?.byId.get(String(item.id)) ?? item,
      );
      const listed = items.map((item, index) => listedItem(item, index, id, included));
      return Response.json(pageOf(listed, exchange.query));
    };
    return { GET: list };
  },
};

async function stored(id: string, owner: string, store: ResponseStore | undefined): Promise<StoredResponse> {
  const [found] = (await store?.find(owner, [id])) ?? [];
  if (found === undefined) throw notFound(id);
  return found;
}

function shownStored({ response, output }: StoredResponse, included: ReadonlySet<string>): ResponsesResponse {
  return shownResponse(
    response,
    output.map(({ item }) => item),
    included,
  );
}

function notFound(id: string): Failure {
  return new Failure('not_found', `Response with id '${quoted(id)}' not found.`, {
    param: 'response_id',
    code: 'response_not_found',
    advice: 'It has expired, was deleted, was made with `store: false`, or belongs to another API key.',
  });
}

function notStreamed(): Failure {
  return invalid(
    'stream',
    '`stream` is not supported here: the events of a response are not stored.',
    'unsupported_value',
    'Retrieve it without `stream`.',
  );
}

function stillRunning(id: string): Failure {
  return invalid(undefined, `Response '${quoted(id)}' is in progress.`, undefined, 'Cancel it first.');
}
