// Three steps of an agent, the second with two parallel calls, and what must be sent upstream.
import { expect } from 'bun:test';
import type { ScriptedTurn } from '../../src/simulator/script.ts';
import type { SentTurn } from './daemon.ts';

export const prompt = 'Compare the weather of four cities.';
export const model = 'gpt-5.5';
const call = (city: string) => ({ name: 'get_weather', arguments: `{"city": "${city}"}` });
export const weatherOf = (city: string) => `${city} is sunny`;
export const finalText = 'Oslo is best.';

export const agentSteps: ScriptedTurn[] = [
  { reasoning: ['First **Oslo**.'], calls: [call('Oslo')] },
  { reasoning: ['Then *two*.'], text: 'Two more.', calls: [call('Rome'), call('Bern')] },
  { reasoning: ['Oslo again.'], calls: [call('Oslo')] },
  { reasoning: ['Enough.'], text: finalText },
];

type Item = Record<string, unknown>;

/** The types of a request's items, with calls named after their city. */
export function outline({ body }: SentTurn): string[] {
  return body.input.map((item) => {
    const { type, role, arguments: given } = item as { type: string; role?: string; arguments?: string };
    if (type === 'message') return String(role);
    return type === 'function_call' ? JSON.parse(String(given)).city : type;
  });
}

const [question, step1, step2, step3] = [
  ['user'],
  ['reasoning', 'Oslo', 'function_call_output'],
  ['reasoning', 'assistant', 'Rome', 'Bern', 'function_call_output', 'function_call_output'],
  ['reasoning', 'Oslo', 'function_call_output'],
];

/** Every later request contains the reasoning of earlier steps, and begins with the whole previous request. */
export function expectReasoningKept(turns: SentTurn[]): void {
  expect(turns.map(outline)).toEqual([
    [...question],
    [...question, ...step1],
    [...question, ...step1, ...step2],
    [...question, ...step1, ...step2, ...step3],
  ]);
  for (const [index, turn] of turns.entries()) {
    const next = turns[index + 1];
    if (next !== undefined) expect(next.body.input.slice(0, turn.body.input.length)).toEqual(turn.body.input);
    expect(next?.body.instructions ?? turn.body.instructions).toEqual(turn.body.instructions);
    expect(next?.body.prompt_cache_key ?? turn.body.prompt_cache_key).toBe(turn.body.prompt_cache_key);
  }
  const blobs = turns.at(-1)!.body.input.flatMap(({ encrypted_content: blob }: Item) => blob ?? []);
  expect(new Set(blobs).size).toBe(3);
  for (const blob of blobs) expect(blob).toStartWith('gAAAA');
}
