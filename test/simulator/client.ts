// A running simulator, and the simplest possible client for it.
import { createParser } from 'eventsource-parser';
import {
  type Simulator,
  type SimulatorOptions,
  startSimulator,
  type Tokens,
} from '../../src/simulator/simulator.ts';

export interface Event {
  type: string;
  sequence_number: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests reach into whatever the wire holds
  [key: string]: any;
}

export interface SimulatorClient {
  simulator: Simulator;
  tokens: Tokens;
  /** POST codex/responses with a valid body and these fields. */
  ask(fields?: object, init?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>;
  /** The events of a turn, which must succeed. */
  events(fields?: object): Promise<Event[]>;
  /** Any other route, with the login. */
  call(path: string, init?: RequestInit): Promise<Response>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const goodBody = {
  model: 'gpt-5.5',
  instructions: 'You are a helpful assistant.',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Say hi.' }] }],
  stream: true,
  store: false,
};

export function startClient(options: SimulatorOptions = {}): SimulatorClient {
  const simulator = startSimulator(options);
  const tokens = simulator.login();
  const call: SimulatorClient['call'] = (path, init = {}) => {
    const headers = { authorization: `Bearer ${tokens.access_token}`, ...(init.headers as object) };
    return fetch(`${simulator.upstream}/${path}`, { redirect: 'manual', ...init, headers });
  };
  const ask: SimulatorClient['ask'] = (fields = {}, { headers = {}, signal } = {}) =>
    call('codex/responses', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...goodBody, ...fields }),
      ...(signal ? { signal } : {}),
    });
  return {
    simulator,
    tokens,
    call,
    ask,
    async events(fields) {
      const response = await ask(fields);
      const text = await response.text();
      if (response.status !== 200) throw new Error(`${response.status} ${text}`);
      return eventsIn(text);
    },
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

export function eventsIn(sse: string): Event[] {
  const events: Event[] = [];
  const parser = createParser({ onEvent: ({ data }) => events.push(JSON.parse(data)) });
  parser.feed(sse);
  return events;
}

/** The finished items of a turn. */
export function itemsOf(events: Event[]): Event[] {
  return events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item);
}

/** The text of its messages. */
export function textOf(events: Event[]): string {
  const messages = itemsOf(events).filter(({ type }) => type === 'message');
  return messages.map(({ content }) => content.map((part: Event) => part.text).join('')).join('\n');
}

export function user(text: string): object {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

export function functionTool(
  name: string,
  properties: object = {},
  required = Object.keys(properties),
): object {
  return { type: 'function', name, parameters: { type: 'object', properties, required } };
}
