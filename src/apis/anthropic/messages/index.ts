// POST /v1/messages (https://docs.claude.com/en/api/messages).
import type { Translator } from '../../../responses/translator.ts';
import { anthropicFailure } from '../errors.ts';
import { windowHeaders } from '../plan-limits.ts';
import { translateMessagesRequest } from './request.ts';
import { MessagesEncoder } from './stream.ts';
import type { MessagesTranslation } from './types.ts';
import { wholeMessage } from './whole.ts';

export type { MessagesTranslation } from './types.ts';

/** `newId`: unique, because clients and usage tools identify answers by it. */
export function messagesTranslator(newId: (prefix: string) => string): Translator<MessagesTranslation> {
  return {
    name: 'anthropic-messages',
    contentType: 'text/event-stream; charset=utf-8',
    repeatsText: false,
    request: (body, context) => translateMessagesRequest(body, context, newId('msg')),
    stream: (translation, _times, framing) => new MessagesEncoder(translation, framing),
    whole: wholeMessage,
    failure: anthropicFailure,
    windowHeaders,
  };
}

export const anthropicMessages = messagesTranslator(
  (prefix) => `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`,
);
