// POST /v1/chat/completions (docs/wire/openai.md#chat-request, #chat-response).
import type { Translator } from '../../../responses/translator.ts';
import { openaiFailure } from '../errors.ts';
import { windowHeaders } from '../rate-limit-headers.ts';
import { Frames } from './frames.ts';
import { translateChatRequest } from './request.ts';
import { ChatEncoder } from './stream.ts';
import type { ChatTranslation } from './types.ts';
import { chatCompletion } from './whole.ts';

export type { ChatTranslation } from './types.ts';

export const openaiChat: Translator<ChatTranslation> = {
  name: 'openai-chat',
  contentType: 'text/event-stream; charset=utf-8',
  repeatsText: false,
  request: translateChatRequest,
  stream: (translation, _times, framing) =>
    new ChatEncoder(translation, (identity) => new Frames(identity, translation, framing)),
  whole: chatCompletion,
  failure: (failure) => openaiFailure(failure),
  windowHeaders,
};
