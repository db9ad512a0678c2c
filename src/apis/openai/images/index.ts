// POST /v1/images/generations and /v1/images/edits (docs/wire/openai.md#image-api). The translator is
// created per request, for the chat model that the route chooses.
import type { Translator } from '../../../responses/translator.ts';
import { openaiFailure } from '../errors.ts';
import { translateImageRequest } from './request.ts';
import { ImageEncoder } from './stream.ts';
import type { ImageAction, ImageTranslation } from './types.ts';
import { imagesAnswer } from './whole.ts';

export function openaiImages(action: ImageAction, carrier: string): Translator<ImageTranslation> {
  return {
    name: 'openai-images',
    contentType: 'text/event-stream; charset=utf-8',
    repeatsText: false,
    request: (body) => translateImageRequest(body, action, carrier),
    stream: (translation) => new ImageEncoder(translation),
    whole: (response, translation) => imagesAnswer([response], translation),
    failure: (failure) => openaiFailure(failure, 'prompt'),
  };
}
