// Helpers for the tests of /v1/messages.

import { messagesTranslator } from '../../../../src/apis/anthropic/messages/index.ts';
import type { Message, MessagesTranslation } from '../../../../src/apis/anthropic/messages/types.ts';
import type { InputItem, Tool } from '../../../../src/responses/request.ts';
import type { RequestContext } from '../../../../src/responses/translator.ts';
import type { Turn } from '../../openai/chat/support.ts';

import type { Json } from './order.ts';

export { call, fixture, fixtures, message, type Turn, turnWith } from '../../openai/chat/support.ts';

export const translator = messagesTranslator((prefix) => `${prefix}_made_here`);

export const context: RequestContext = {
  headers: new Headers(),
  reasoningStyle: 'reasoning_content',
  reasoningSummary: 'auto',
};

export const user = (content: unknown) => ({ role: 'user', content });
export const assistant = (...content: unknown[]) => ({ role: 'assistant', content });
export const text = (said: string) => ({ type: 'text', text: said });

export const hello = { model: 'gpt-5.5', max_tokens: 1000, messages: [user('Hi')] };

/** A small request with these fields, translated. */
export function translate(body: object = {}, headers: Record<string, string> = {}): MessagesTranslation {
  return translator.request({ ...hello, ...body }, { ...context, headers: new Headers(headers) });
}

/** The input items of these messages. */
export function inputOf(...messages: unknown[]): InputItem[] {
  return translate({ messages }).request.input;
}

export function droppedBy(body: object): string[] {
  return translate(body).dropped.map(({ field }) => field);
}

/** The translated tools. */
export function toolsOf(...tools: object[]): Tool[] {
  return translate({ tools }).request.tools ?? [];
}

/** A custom tool. */
export function tool(name: string, further: object = {}) {
  return { name, input_schema: { type: 'object', properties: {} }, ...further };
}

/** The events of a web search. */
export function webSearchEvents(id: string, action: object, status = 'completed'): Json[] {
  const item = { id, type: 'web_search_call' };
  return [
    { type: 'response.output_item.added', item: { ...item, status: 'in_progress' } },
    { type: 'response.web_search_call.searching', item_id: id },
    { type: 'response.output_item.done', item: { ...item, status, action } },
  ];
}

/** The stream that the client gets. */
export function streamOf(turn: Turn, translation: MessagesTranslation): string {
  const encoder = translator.stream(translation);
  const wire = turn.events.map((event) => encoder.push(event)).join('');
  return turn.failure === undefined ? wire : wire + encoder.fail(turn.failure);
}

export function wholeOf(turn: Turn, translation: MessagesTranslation): Message {
  if (turn.response === undefined) throw new Error('the turn failed');
  return translator.whole(turn.response, translation) as Message;
}
