// POST /v1/images/generations and /v1/images/edits (docs/wire/openai.md#image-api). request.ts is called by the route, which
// chooses the chat model.
import type { ResponseTranslator } from '../../../responses/translator.ts';
import { openaiFailure } from '../errors.ts';
import { windowHeaders } from '../rate-limit-headers.ts';
import { ImageEncoder } from './stream.ts';
import type { ImageTranslation } from './types.ts';
import { imagesAnswer } from './whole.ts';

export const openaiImages: ResponseTranslator<ImageTranslation> = {
  name: 'openai-images',
  contentType: 'text/event-stream; charset=utf-8',
  repeatsText: false,
  stream: (translation, _times, framing) => new ImageEncoder(translation, framing),
  whole: (response, translation) => imagesAnswer([response], translation),
  failure: (failure) => openaiFailure(failure, 'prompt'),
  windowHeaders,
};
