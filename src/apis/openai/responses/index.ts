// The translator of POST /v1/responses (docs/wire/openai.md#responses-api). Its format is almost the upstream's, so it checks more
// than it translates.
import type { Translator } from '../../../responses/translator.ts';
import { openaiFailure } from '../errors.ts';
import { windowHeaders } from '../rate-limit-headers.ts';
import { outputItem } from './output.ts';
import { translateResponsesBody } from './request.ts';
import { responseObject } from './response-object.ts';
import { type EncoderContext, ResponsesEncoder } from './stream.ts';
import type { ResponsesTranslation } from './types.ts';

export function responsesTranslator(ambient: EncoderContext): Translator<ResponsesTranslation> {
  return {
    name: 'openai-responses',
    contentType: 'text/event-stream; charset=utf-8',
    repeatsText: true,
    request: translateResponsesBody,
    stream: (translation, _times, framing) => new ResponsesEncoder(translation, ambient, framing),
    whole: (response, translation) => {
      const output = (response.output ?? []).map((item) => outputItem(item, translation));
      return responseObject(response, translation, output);
    },
    failure: (failure) => openaiFailure(failure, 'input'),
    windowHeaders,
  };
}

export const openaiResponses = responsesTranslator({
  newId: (prefix) => `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`,
  nowMs: Date.now,
});
