// Helpers for the tests of leaks: marked secrets, requests that contain all of them, and a search for them in output.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { emptyHome } from '../cli/process.ts';
import type { RunningDaemon } from './daemon.ts';

export const key = 'marked-key-4f1c9a7e';
export const prompt = 'marked prompt 8d2b';
export const call = 'marked-call-77aa';
export const picture = Buffer.concat([
  Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
  Buffer.from('marked picture '.repeat(20)),
]).toString('base64');

/** Texts that must not appear anywhere; for tokens and images, their ends too. */
export class Secrets {
  readonly #known = new Set([key, prompt, call, picture, picture.slice(-40)]);

  constructor(private readonly simulator: Simulator) {}

  /** An auth.json whose tokens are added to the secrets. */
  login(expiresInS = 864_000) {
    const tokens = this.simulator.login({ expiresInS });
    for (const token of Object.values(tokens)) this.#known.add(token).add(token.slice(-30));
    const path = join(emptyHome(), 'auth.json');
    writeFileSync(path, JSON.stringify({ auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens }));
    return { ...tokens, path };
  }

  personalToken(): string {
    const token = this.simulator.personalToken();
    this.#known.add(token);
    return token;
  }

  in(text: string): string[] {
    return [...this.#known].filter((secret) => text.includes(secret));
  }
}

/** A conversation that contains everything. */
export const chat = {
  model: 'gpt-5.5',
  messages: [
    { role: 'system', content: `System: ${prompt}` },
    {
      role: 'user',
      content: [
        { type: 'text', text: prompt },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } },
      ],
    },
    {
      role: 'assistant',
      tool_calls: [
        { id: 'call_1', type: 'function', function: { name: 'look', arguments: `{"a":"${call}"}` } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: `${call} says ${prompt}` },
  ],
  tools: [{ type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } }],
};
export const responses = {
  model: 'gpt-5.5',
  instructions: `System: ${prompt}`,
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: prompt },
        { type: 'input_image', image_url: `data:image/png;base64,${picture}` },
      ],
    },
    { type: 'function_call', call_id: 'call_1', name: 'look', arguments: `{"a":"${call}"}` },
    { type: 'function_call_output', call_id: 'call_1', output: `${call} says ${prompt}` },
  ],
};
export const bodies: [path: string, body: object][] = [
  ['/v1/chat/completions', chat],
  ['/v1/chat/completions', { ...chat, stream: true }],
  ['/v1/responses', responses],
  ['/v1/responses', { ...responses, stream: true }],
];

/** Sends a request with the correct key, and reads the whole response. */
export async function send(to: RunningDaemon, path: string, body: object | string, headers = {}) {
  const answer = await fetch(to.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, text: await answer.text(), headers: JSON.stringify([...answer.headers]) };
}
