// Helpers for the tests of /v1/responses.

import { responsesTranslator } from '../../../../src/apis/openai/responses/index.ts';
import type { ResponsesTranslation } from '../../../../src/apis/openai/responses/types.ts';
import type { RequestContext } from '../../../../src/responses/translator.ts';
import type { Turn } from '../chat/support.ts';
import type { Json } from './order.ts';

export { call, fixture, fixtures, message, reasoning, type Turn, turnWith } from '../chat/support.ts';

export const translator = responsesTranslator({
  newId: (prefix) => `${prefix}_made_here`,
  nowMs: () => 1_795_187_761_900,
});

export const codexHeaders = { originator: 'codex_cli_rs' };

/** A small request with these fields, translated. */
export function translate(body: object = {}, headers: Record<string, string> = {}): ResponsesTranslation {
  const context: RequestContext = {
    headers: new Headers(headers),
    reasoningStyle: 'reasoning_content',
    reasoningSummary: 'none',
  };
  return translator.request({ model: 'gpt-5.5', input: 'Hi', stream: true, ...body }, context);
}

/** The stream that the client gets. */
export function streamOf(turn: Turn, translation: ResponsesTranslation): string {
  const encoder = translator.stream(translation);
  const text = turn.events.map((event) => encoder.push(event)).join('');
  return turn.failure === undefined ? text : text + encoder.fail(turn.failure);
}

export function wholeOf(turn: Turn, translation: ResponsesTranslation): Json {
  if (turn.response === undefined) throw new Error('the turn failed');
  return translator.whole(turn.response, translation) as Json;
}
