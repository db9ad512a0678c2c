// POST /api/chat (docs/wire/ollama.md#chat, #streaming).
import { ollamaDialect } from '../translator.ts';
import type { Clock } from '../types.ts';
import { translateChatRequest } from './request.ts';
import { chatShape } from './shape.ts';

export function chatDialect(nowMs: Clock) {
  return ollamaDialect('ollama-chat', chatShape, translateChatRequest, nowMs);
}

export const ollamaChat = chatDialect(Date.now);
