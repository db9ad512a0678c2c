// Helpers for the chat tests: fixtures through decoder, grammar and encoder, and back.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openaiChat } from '../../../../src/apis/openai/chat/index.ts';
import type { ChatCompletion, ChatTranslation } from '../../../../src/apis/openai/chat/types.ts';
import { Failure } from '../../../../src/failure.ts';
import { Collector } from '../../../../src/responses/collect.ts';
import { Decoder } from '../../../../src/responses/decode.ts';
import type { ResponsesEvent } from '../../../../src/responses/event.ts';
import { Grammar } from '../../../../src/responses/grammar.ts';
import type { ResponsesResponse } from '../../../../src/responses/response.ts';
import type { RequestContext } from '../../../../src/responses/translator.ts';
import type { Json } from './order.ts';

const turnsDir = join(import.meta.dir, '../../../fixtures/turns');

export const fixtures: string[] = readdirSync(turnsDir)
  .filter((file) => file.endsWith('.sse'))
  .map((file) => file.slice(0, -'.sse'.length))
  .sort();

export const context: RequestContext = {
  headers: new Headers(),
  reasoningStyle: 'reasoning_content',
  reasoningSummary: 'none',
};

export const hello = { model: 'gpt-5.5', messages: [{ role: 'user', content: 'Hi' }] };

/** A small request with these fields, translated. */
export function translate(body: object = {}, over: Partial<RequestContext> = {}): ChatTranslation {
  return openaiChat.request({ ...hello, ...body }, { ...context, ...over });
}

export interface Turn {
  events: ResponsesEvent[];
  response: ResponsesResponse | undefined;
  failure: Failure | undefined;
}

function turnOf(bytes: Uint8Array): Turn {
  const events: ResponsesEvent[] = [];
  const collector = new Collector();
  let lastId = 0;
  const grammar = new Grammar(
    (event) => {
      events.push(event);
      collector.push(event);
    },
    { newId: (prefix) => `${prefix}_${++lastId}`, nowMs: () => 1_795_187_761_000, accumulateText: true },
  );
  try {
    new Decoder((event) => grammar.push(event)).push(bytes);
    grammar.end();
    return { events, response: collector.response, failure: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { events, response: undefined, failure: thrown };
  }
}

export async function fixture(name: string): Promise<Turn> {
  return turnOf(await Bun.file(join(turnsDir, `${name}.sse`)).bytes());
}

/** A turn of these events, between `response.created` and the terminal event `type`. */
export function turnWith(events: Json[], terminal: Json = {}): Turn {
  const { type = 'response.completed', ...ending } = terminal;
  const response = { id: 'resp_t1', created_at: 1_795_187_761.9, model: 'gpt-5.5', output: [], usage: null };
  const ids = [...new Set(events.map((event) => event.item_id ?? event.item?.id))];
  const placed = events.map((event) => ({
    ...event,
    output_index: ids.indexOf(event.item_id ?? event.item?.id),
  }));
  const all = [
    { type: 'response.created', response },
    ...placed,
    { type, response: { ...response, ...ending } },
  ];
  const text = all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');
  return turnOf(new TextEncoder().encode(text));
}

/** The events of an item, with its text in the given deltas. */
export function message(id: string, ...deltas: string[]): Json[] {
  const text = deltas.join('');
  const item = { id, type: 'message', role: 'assistant' };
  const part = { item_id: id, content_index: 0 };
  return [
    { type: 'response.output_item.added', item: { ...item, content: [] } },
    ...deltas.map((delta) => ({ type: 'response.output_text.delta', ...part, delta })),
    {
      type: 'response.output_item.done',
      item: { ...item, content: [{ type: 'output_text', text, annotations: [] }] },
    },
  ];
}

/** The events of a reasoning item, each summary in the given deltas. */
export function reasoningItem(id: string, encrypted: string | undefined, ...summaries: string[][]): Json[] {
  const item = { id, type: 'reasoning' };
  return [
    // The announced content is shorter than the final one, as in reality.
    {
      type: 'response.output_item.added',
      item: { ...item, summary: [], encrypted_content: encrypted?.slice(0, -1) },
    },
    ...summaries.flatMap((deltas, summary_index) =>
      deltas.map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        item_id: id,
        summary_index,
        delta,
      })),
    ),
    {
      type: 'response.output_item.done',
      item: {
        ...item,
        summary: summaries.map((deltas) => ({ type: 'summary_text', text: deltas.join('') })),
        ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
      },
    },
  ];
}

/** The same without encrypted content. */
export function reasoning(id: string, ...summaries: string[][]): Json[] {
  return reasoningItem(id, undefined, ...summaries);
}

export function call(id: string, name: string, ...deltas: string[]): Json[] {
  const item = { id, type: 'function_call', call_id: `call_${id}`, name };
  return [
    { type: 'response.output_item.added', item: { ...item, arguments: '' } },
    ...deltas.map((delta) => ({ type: 'response.function_call_arguments.delta', item_id: id, delta })),
    { type: 'response.output_item.done', item: { ...item, arguments: deltas.join('') } },
  ];
}

/** The stream that the client gets. */
export function streamOf(turn: Turn, translation: ChatTranslation): string {
  const encoder = openaiChat.stream(translation);
  let text = '';
  for (const event of turn.events) text += encoder.push(event);
  return turn.failure === undefined ? text : text + encoder.fail(turn.failure);
}

export function wholeOf(turn: Turn, translation: ChatTranslation): ChatCompletion {
  if (turn.response === undefined) throw new Error('the turn failed');
  return openaiChat.whole(turn.response, translation) as ChatCompletion;
}
