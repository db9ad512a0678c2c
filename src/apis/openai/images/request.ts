// Translates an image request to a turn of a chat model that calls the hosted image tool once (docs/wire/openai.md#image-api,
// docs/wire/upstream.md#images). The upstream's direct image routes support neither formats, masks nor partial images.
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { Dropped, InputImage, ResponsesRequest } from '../../../responses/request.ts';
import { droppedFor, hint, type Reason } from '../../dropped.ts';
import { invalid, optionalBoolean, requiredString } from '../check.ts';
import { imageModelOf, imageParameters, integer, newestFields, word } from './parameters.ts';
import { type Sources, sourcesOf } from './sources.ts';
import type { ImageAction, ImageTranslation } from './types.ts';

const instruction: Record<ImageAction, string> = {
  generate: "Call the image tool once with the user's prompt.",
  edit: "Call the image tool once to edit the user's images as the prompt says.",
};
const promptLimit = 32_000;

/** `carrier`: the chat model that calls the tool. */
export function translateImageRequest(
  given: unknown,
  action: ImageAction,
  carrier: string,
): ImageTranslation {
  if (!isObject(given)) throw invalid(undefined, 'The request body must be a JSON object.', 'invalid_type');
  const prompt = requiredString(given.prompt, 'prompt');
  if (prompt.length > promptLimit) {
    throw invalid('prompt', `\`prompt\` can have at most ${promptLimit} characters.`, 'invalid_value');
  }
  const imageModel = imageModelOf(given.model);
  const count = integer(given.n, 'n', 1, 10) ?? 1;
  const stream = optionalBoolean(given.stream, 'stream') ?? false;
  if (stream && count > 1) throw invalid('n', '`n` must be 1 with `stream`.', 'invalid_value');
  if (word(given.response_format, 'response_format', ['b64_json', 'url']) === 'url') {
    const why =
      '`response_format` must be `b64_json`: codexd does not store images, so it cannot return URLs.';
    throw invalid('response_format', why, 'unsupported_value');
  }
  const partialImages = integer(given.partial_images, 'partial_images', 0, 3) ?? 0;
  const { tool, dropped } = imageParameters(given, imageModel);
  const sources = action === 'edit' ? sourcesOf(given) : noSources;
  const fidelity = fidelityOf(given, action, imageModel);
  const request: ResponsesRequest = {
    model: carrier,
    instructions: instruction[action],
    input: [message(prompt, sources.images)],
    tools: [
      {
        type: 'image_generation',
        action,
        model: imageModel,
        ...tool,
        ...(stream && partialImages > 0 ? { partial_images: partialImages } : {}),
        ...(fidelity === undefined ? {} : { input_fidelity: fidelity }),
        ...(sources.mask === undefined ? {} : { input_image_mask: { image_url: sources.mask } }),
      },
    ],
    tool_choice: { type: 'image_generation' },
  };
  return {
    model: carrier,
    modelIsFixed: true,
    imageModel,
    stream,
    request,
    dropped: [...dropped, ...droppedFields(given, { action, stream, fidelity })],
    action,
    count,
    look: { background: 'auto', output_format: 'png', quality: 'auto', size: 'auto', ...tool },
  };
}

const noSources: Sources = { images: [], mask: undefined };

function message(prompt: string, images: InputImage[]) {
  return {
    type: 'message' as const,
    role: 'user' as const,
    content: [{ type: 'input_text' as const, text: prompt }, ...images],
  };
}

/** Newer models always use high fidelity. */
function fidelityOf(body: Fields, action: ImageAction, model: string): string | undefined {
  const fidelity = word(body.input_fidelity, 'input_fidelity', ['high', 'low']);
  return action === 'edit' && /^gpt-image-1(\D|$)/.test(model) ? fidelity : undefined;
}

const supported = new Set([
  ...['prompt', 'model', 'n', 'stream', 'response_format', 'partial_images', 'size', 'quality', 'background'],
  ...['output_format', 'output_compression', 'moderation', ...newestFields],
]);
const bookkeeping = hint('The upstream does not store requests.');
const reasons: Record<string, Reason> = {
  style: 'Only dall-e-3 supported it.',
  user: bookkeeping,
  safety_identifier: bookkeeping,
  partial_images: hint('Only streams contain partial images.'),
  input_fidelity: 'Only edits with gpt-image-1 models support it.',
};

function droppedFields(
  body: Fields,
  { action, stream, fidelity }: { action: ImageAction; stream: boolean; fidelity: string | undefined },
): Dropped[] {
  const isSupported = (field: string) => {
    if (field === 'partial_images') return stream || body.partial_images === 0;
    if (field === 'input_fidelity') return fidelity !== undefined;
    if (field === 'images' || field === 'mask') return action === 'edit';
    return supported.has(field);
  };
  const fields = Object.keys(body).filter((field) => isSet(body[field]) && !isSupported(field));
  return droppedFor(fields, reasons);
}
