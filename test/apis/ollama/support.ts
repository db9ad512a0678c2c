// Helpers for the tests of Ollama's API, with a clock that advances 100 ms with every reading.

import { chatTranslator } from '../../../src/apis/ollama/chat/index.ts';
import { generateTranslator } from '../../../src/apis/ollama/generate/index.ts';
import type { OllamaTranslation } from '../../../src/apis/ollama/types.ts';
import type { InputItem } from '../../../src/responses/request.ts';
import type { RequestContext, Translator, TurnTimes } from '../../../src/responses/translator.ts';
import type { Turn } from '../openai/chat/support.ts';
import type { Json } from './order.ts';

export { call, fixture, fixtures, message, type Turn, turnWith } from '../openai/chat/support.ts';

function tickingClock(stepMs = 100): () => number {
  let now = Date.parse('2026-11-20T10:00:00.000Z');
  return () => {
    now += stepMs;
    return now;
  };
}

export type Route = 'chat' | 'generate';

const context: RequestContext = {
  headers: new Headers(),
  reasoningStyle: 'reasoning_content',
  reasoningSummary: 'auto',
};

export const user = (content: unknown, more: object = {}) => ({ role: 'user', content, ...more });

export function translatorOf(route: Route, stepMs?: number): Translator<OllamaTranslation> {
  return (route === 'chat' ? chatTranslator : generateTranslator)(tickingClock(stepMs));
}

/** A small request with these fields, translated. */
export function translate(body: object = {}, route: Route = 'chat', stepMs?: number): OllamaTranslation {
  const said = route === 'chat' ? { messages: [user('Hi')] } : { prompt: 'Hi' };
  return translatorOf(route, stepMs).request({ model: 'gpt-5.5', ...said, ...body }, context);
}

/** The input items of these messages. */
export function inputOf(...messages: unknown[]): InputItem[] {
  return translate({ messages }).request.input;
}

/** The upstream accepted the request after 30 ms and started to answer after 80. */
const timesOf = ({ startedAtMs }: OllamaTranslation): TurnTimes => ({
  acceptedAtMs: startedAtMs + 30,
  firstAtMs: startedAtMs + 80,
});

export function streamOf(turn: Turn, translation: OllamaTranslation, route: Route = 'chat'): string {
  const encoder = translatorOf(route).stream(translation, timesOf(translation));
  const wire = turn.events.map((event) => encoder.push(event)).join('');
  return turn.failure === undefined ? wire : wire + encoder.fail(turn.failure);
}

export function wholeOf(turn: Turn, translation: OllamaTranslation, route: Route = 'chat'): Json {
  if (turn.response === undefined) throw new Error('the turn failed');
  return translatorOf(route).whole(turn.response, translation, timesOf(translation)) as Json;
}
