// The image endpoints of OpenAI's API, with one turn of a chat model per image, and codex-as-api's endpoint for questions about
// images.
import { asFailure, Failure } from '../../../failure.ts';
import { defaultModel, type Naming, resolve, visibleModels } from '../../../models/aliases.ts';
import type { Model } from '../../../models/model.ts';
import { permitsName } from '../../../models/permitted.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import { readForm, readJson } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { ignoredHeader } from '../../../server/headers.ts';
import type { Handler } from '../../../server/router.ts';
import type { TurnResponder } from '../../../server/turn-responder.ts';
import type { Endpoint } from '../../api.ts';
import type { ApiServices } from '../../services.ts';
import { openaiFailure } from '../errors.ts';
import { fieldsOfForm } from '../images/form.ts';
import { openaiImages } from '../images/index.ts';
import { chatModelOf } from '../images/parameters.ts';
import { translateImageRequest } from '../images/request.ts';
import type { ImageAction, ImageTranslation } from '../images/types.ts';
import { imagesAnswer } from '../images/whole.ts';
import { inspectionResponse, inspectRequest } from '../inspect.ts';

type Services = Pick<ApiServices, 'imageTurns' | 'naming' | 'bodyLimitBytes' | 'directories'>;

export const generateImages = imageEndpoint('generate', {
  path: '/v1/images/generations',
  summary:
    '`gpt-image-…` models: up to 10 images, sizes, formats, partial images streamed; always `b64_json`',
});

export const editImages = imageEndpoint('edit', {
  path: '/v1/images/edits',
  summary: 'the same with images and masks to edit, as files or JSON',
});

export const inspectImages: Endpoint = {
  path: '/v1/inspect',
  summary:
    'a question about images, as in codex-as-api: `{"prompt", "images": [{"image_url"}]}` returns `{"content"}`',
  failure: (failure) => openaiFailure(failure, 'prompt'),
  explain: {
    translate: (body, _, naming) => inspectRequest(body, defaultModel(naming).slug),
    naming: 'strict',
  },
  methods: ({ turns, naming, bodyLimitBytes }) => {
    const inspect: Handler = async (exchange) => {
      const body = await readJson(exchange, bodyLimitBytes);
      const translation = inspectRequest(body, defaultModel(await naming()).slug);
      const response = await turns.collect(translation, 'strict', exchange);
      return Response.json(inspectionResponse(response), { headers: ignoredHeader(translation.dropped) });
    };
    return { POST: inspect };
  },
};

function imageEndpoint(action: ImageAction, endpoint: Pick<Endpoint, 'path' | 'summary'>): Endpoint {
  return {
    ...endpoint,
    ...(action === 'edit' ? { accepts: ['multipart/form-data', 'application/json'] } : {}),
    translator: openaiImages,
    explain: {
      translate: (body, _, naming) =>
        translateImageRequest(body, action, imageCarrier(naming, chatModelOf(body))),
      naming: 'strict',
    },
    methods: (services) => ({ POST: (exchange) => respond(action, exchange, services) }),
  };
}

async function respond(action: ImageAction, exchange: Exchange, services: Services): Promise<Response> {
  const { imageTurns: turns, naming } = services;
  const body = await readBody(action, exchange, services);
  const carrier = imageCarrier(await naming(), chatModelOf(body), (slug) =>
    permitsName(exchange.caller, slug),
  );
  const translation = translateImageRequest(body, action, carrier);
  try {
    if (translation.count === 1) return await turns.respondTo(translation, openaiImages, 'strict', exchange);
    const responses = await generateAll(translation, turns, exchange);
    return Response.json(imagesAnswer(responses, translation), {
      headers: ignoredHeader(translation.dropped),
    });
  } finally {
    exchange.note({ modelRequested: translation.imageModel });
  }
}

async function readBody(
  action: ImageAction,
  exchange: Exchange,
  { bodyLimitBytes, directories }: Services,
): Promise<unknown> {
  const isForm = /^multipart\/form-data\b/i.test(exchange.request.headers.get('content-type') ?? '');
  if (action === 'edit' && isForm) return fieldsOfForm(await readForm(exchange, bodyLimitBytes, directories));
  return readJson(exchange, bodyLimitBytes);
}

/** The chat model that calls the image tool: the requested one if it can, otherwise the first that can. */
function imageCarrier(
  naming: Naming,
  requested: string | undefined,
  permitted: (slug: string) => boolean = () => true,
): string {
  const named = requested === undefined ? [] : [resolve(requested, naming, 'strict').model];
  const carrier = [...named, ...visibleModels(naming)].find(
    (model) => canGenerateImages(model) && permitted(model.slug),
  );
  if (carrier !== undefined) return carrier.slug;
  throw new Failure('not_found', 'None of the allowed models can generate images.', {
    code: 'model_not_found',
    param: 'model',
    advice: 'Add a model such as `gpt-5.5` to `models.allowed` or to the models of the key.',
  });
}

/** The hosted tool exists only in the classic shape, and not for the small fast models. */
function canGenerateImages({ slug, usesResponsesLite, inputModalities }: Model): boolean {
  return !usesResponsesLite && inputModalities.includes('image') && !slug.endsWith('-spark');
}

/** Runs one turn per image. If one fails, the others are aborted. */
async function generateAll(
  translation: ImageTranslation,
  turns: TurnResponder,
  exchange: Exchange,
): Promise<ResponsesResponse[]> {
  const generate = () =>
    turns.collect(translation, 'strict', exchange).catch((thrown: unknown) => {
      exchange.abort(asFailure(thrown)); // only the first reason counts
      throw thrown;
    });
  const results = await Promise.allSettled(Array.from({ length: translation.count }, generate));
  exchange.signal.throwIfAborted();
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
}
