// POST /v1/completions (docs/wire/openai.md#completions): an emulation, since the upstream's models only chat.
import type { Translator } from '../../../responses/translator.ts';
import { openaiFailure } from '../errors.ts';
import { windowHeaders } from '../rate-limit-headers.ts';
import { translateCompletionRequest } from './request.ts';
import { CompletionEncoder } from './stream.ts';
import type { CompletionTranslation } from './types.ts';
import { textCompletion } from './whole.ts';

export const openaiCompletions: Translator<CompletionTranslation> = {
  name: 'openai-completions',
  contentType: 'text/event-stream; charset=utf-8',
  repeatsText: false,
  request: translateCompletionRequest,
  stream: (translation, _times, framing) => new CompletionEncoder(translation, framing),
  whole: textCompletion,
  failure: (failure) => openaiFailure(failure, 'prompt'),
  windowHeaders,
};
