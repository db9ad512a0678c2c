// POST /v1/inspect, an extension of codex-as-api that answers a question about images as `{content}`. The body is
// `{prompt, images: [{image_url}], reasoning_effort?, model?}`.
import { isObject, isSet } from '../../responses/fields.ts';
import type { Dropped } from '../../responses/request.ts';
import type { ResponsesResponse } from '../../responses/response.ts';
import type { Translation } from '../../responses/translator.ts';
import { fields, invalid, optionalArray, optionalBoolean, optionalString, requiredString } from './check.ts';
import { textCompletion } from './completions/whole.ts';
import { inputParts } from './content.ts';
import { effort } from './options.ts';

const instruction = 'Look at the images and answer what is asked about them.';

export function inspectRequest(given: unknown, defaultModel: string): Translation {
  if (!isObject(given)) throw invalid(undefined, 'The request body must be a JSON object.', 'invalid_type');
  const model = optionalString(given.model, 'model') || defaultModel;
  const prompt = requiredString(given.prompt, 'prompt');
  const images = optionalArray(given.images, 'images') ?? [];
  if (images.length === 0) {
    throw invalid('images', '`images` must contain at least one image.', 'missing_required_parameter');
  }
  if (optionalBoolean(given.stream, 'stream')) {
    throw invalid('stream', 'An inspection cannot be streamed.', 'unsupported_value');
  }
  const parts = images.map((image, index) => ({ ...fields(image, `images[${index}]`), type: 'input_image' }));
  const requestedEffort = effort(given.reasoning_effort, 'reasoning_effort');
  const text = { type: 'input_text' as const, text: prompt };
  return {
    model,
    stream: false,
    request: {
      model,
      instructions: instruction,
      input: [{ type: 'message', role: 'user', content: [text, ...inputParts(parts, 'images')] }],
      ...(requestedEffort === undefined ? {} : { reasoning: { effort: requestedEffort } }),
    },
    dropped: droppedFields(given),
  };
}

export function inspectionResponse(response: ResponsesResponse): { content: string } {
  const [choice] = textCompletion(response, { model: '', stop: [], echo: '' }).choices;
  return { content: choice.text };
}

const supported = ['model', 'prompt', 'images', 'stream', 'reasoning_effort'];

function droppedFields(body: Record<string, unknown>): Dropped[] {
  return Object.keys(body)
    .filter((field) => isSet(body[field]) && !supported.includes(field))
    .map((field) => ({ field, why: 'Inspections do not have this field.' }));
}
