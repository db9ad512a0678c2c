// POST /v1/messages (reference/anthropic-api.md 3 to 12).
import type { Dialect } from '../../dialect.ts';
import { anthropicFailure } from '../errors.ts';
import { translateMessagesRequest } from './request.ts';
import { MessagesEncoder } from './stream.ts';
import type { MessagesTranslation } from './types.ts';
import { wholeMessage } from './whole.ts';

export type { MessagesTranslation } from './types.ts';

/** `newId`: unique, because clients and usage tools tell answers apart by it (trap 70). */
export function messagesDialect(newId: (prefix: string) => string): Dialect<MessagesTranslation> {
  return {
    name: 'anthropic-messages',
    contentType: 'text/event-stream; charset=utf-8',
    repeatsText: false,
    request: (body, context) => translateMessagesRequest(body, context, newId('msg')),
    stream: (translation) => new MessagesEncoder(translation),
    whole: wholeMessage,
    failure: (failure) => anthropicFailure(failure),
  };
}

export const anthropicMessages = messagesDialect(
  (prefix) => `${prefix}_${crypto.randomUUID().replaceAll('-', '')}`,
);
