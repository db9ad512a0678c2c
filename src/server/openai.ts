// The routes of OpenAI's API (product.md 5).
import { openaiChat } from '../dialects/openai/chat/index.ts';
import { openaiResponses } from '../dialects/openai/responses/index.ts';
import type { Route } from './router.ts';
import type { TurnService } from './turns.ts';

export function openaiRoutes(turns: TurnService): Route[] {
  return [
    { path: '/v1/chat/completions', methods: { POST: (call) => turns.answer(openaiChat, 'openai', call) } },
    { path: '/v1/responses', methods: { POST: (call) => turns.answer(openaiResponses, 'openai', call) } },
  ];
}
