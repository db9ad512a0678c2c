// The image routes of OpenAI's API (reference/openai-api.md G): one turn of a chat model per image, in the same queue as
// every other turn; and codex-as-api's route for questions about images.
import type { WorkDirectories } from '../../../audio/work-directory.ts';
import { asFailure, Failure } from '../../../failure.ts';
import { defaultModel, type Naming, resolve, visibleModels } from '../../../models/aliases.ts';
import type { Model } from '../../../models/model.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import { readForm, readJson } from '../../../server/body.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { ignoredHeader } from '../../../server/headers.ts';
import type { Route } from '../../../server/router.ts';
import type { TurnResponder } from '../../../server/turn-responder.ts';
import { fieldsOfForm } from '../images/form.ts';
import { openaiImages } from '../images/index.ts';
import { chatModelOf } from '../images/parameters.ts';
import type { ImageAction, ImageTranslation } from '../images/types.ts';
import { imagesAnswer } from '../images/whole.ts';
import { inspection, inspectRequest } from '../inspect.ts';
import { permitsName } from './models.ts';

export interface ImageRoutesOptions {
  turns: TurnResponder;
  naming: () => Promise<Naming>;
  bodyLimitBytes: number;
  /** For uploads too large to be kept in memory while they arrive. */
  directories: WorkDirectories;
}

export function imageRoutes(options: ImageRoutesOptions): Route[] {
  const { turns, naming } = options;
  const answer = async (action: ImageAction, exchange: Exchange) => {
    const body = await readBody(action, exchange, options);
    const dialect = openaiImages(
      action,
      imageCarrier(await naming(), chatModelOf(body), (slug) => permitsName(exchange, slug)),
    );
    const translation = dialect.request(body, {
      ...noChoices,
      headers: exchange.request.headers,
      requestId: exchange.id,
    });
    try {
      if (translation.count === 1) return await turns.respondTo(translation, dialect, 'openai', exchange);
      const drawn = await drawAll(translation, turns, exchange);
      return Response.json(imagesAnswer(drawn, translation), { headers: ignoredHeader(translation.dropped) });
    } finally {
      exchange.note({ modelRequested: translation.imageModel });
    }
  };
  const inspect = async (exchange: Exchange) => {
    const body = await readJson(exchange, options.bodyLimitBytes);
    const translation = inspectRequest(body, defaultModel(await naming()).slug);
    const response = await turns.collect(translation, 'openai', exchange);
    return Response.json(inspection(response), { headers: ignoredHeader(translation.dropped) });
  };
  return [
    { path: '/v1/images/generations', methods: { POST: (exchange) => answer('generate', exchange) } },
    { path: '/v1/images/edits', methods: { POST: (exchange) => answer('edit', exchange) } },
    { path: '/v1/inspect', methods: { POST: inspect } },
  ];
}

/** Images show no reasoning. */
const noChoices = { reasoningStyle: 'none', reasoningSummary: 'none' } as const;

async function readBody(
  action: ImageAction,
  exchange: Exchange,
  { bodyLimitBytes, directories }: ImageRoutesOptions,
): Promise<unknown> {
  const isForm = /^multipart\/form-data\b/i.test(exchange.request.headers.get('content-type') ?? '');
  if (action === 'edit' && isForm) return fieldsOfForm(await readForm(exchange, bodyLimitBytes, directories));
  return readJson(exchange, bodyLimitBytes);
}

/** The chat model that calls the image tool: the one asked for if it can, else the first that can. */
export function imageCarrier(
  naming: Naming,
  asked: string | undefined,
  permitted: (slug: string) => boolean = () => true,
): string {
  const named = asked === undefined ? [] : [resolve(asked, naming, 'openai').model];
  const carrier = [...named, ...visibleModels(naming)].find(
    (model) => canDraw(model) && permitted(model.slug),
  );
  if (carrier !== undefined) return carrier.slug;
  throw new Failure('not_found', 'No model that may be used here can exchange the image tool.', {
    code: 'model_not_found',
    param: 'model',
    advice: 'Widen `models.allowed` or the models of the key, for example by `gpt-5.5`.',
  });
}

/** The hosted tool exists in the classic shape only, and not for the small fast models. */
function canDraw({ slug, usesResponsesLite, inputModalities }: Model): boolean {
  return !usesResponsesLite && inputModalities.includes('image') && !slug.endsWith('-spark');
}

/** The tool makes one image per turn. When one fails the others are not wanted any more. */
async function drawAll(
  translation: ImageTranslation,
  turns: TurnResponder,
  exchange: Exchange,
): Promise<ResponsesResponse[]> {
  const draw = () =>
    turns.collect(translation, 'openai', exchange).catch((thrown: unknown) => {
      exchange.abort(asFailure(thrown)); // only the first reason counts
      throw thrown;
    });
  const drawn = await Promise.allSettled(Array.from({ length: translation.count }, draw));
  exchange.signal.throwIfAborted();
  return drawn.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
}
