// POST /api/chat (docs/wire/ollama.md#chat, #streaming).
import { ollamaTranslator } from '../translator.ts';
import type { Clock } from '../types.ts';
import { translateChatRequest } from './request.ts';
import { chatShape } from './shape.ts';

export function chatTranslator(nowMs: Clock) {
  return ollamaTranslator('ollama-chat', chatShape, translateChatRequest, nowMs);
}

export const ollamaChat = chatTranslator(Date.now);
