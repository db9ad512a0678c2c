// The upstream's prompt cache depends on the prefix: each turn of a conversation must begin, byte for byte, with what
// the previous turn sent, under the same key and session.
import { expect } from 'bun:test';
import type { RecordedRequest, Simulator } from '../../src/simulator/simulator.ts';

export interface SentTurn {
  session: string | undefined;
  body: {
    model: string;
    instructions?: string;
    input: { type: string; [key: string]: unknown }[];
    tools?: { name?: string }[];
    prompt_cache_key?: string;
  };
}

export function sentTurns({ requests }: Simulator): SentTurn[] {
  return requests.filter(isTurn).map(({ body, headers }) => ({
    session: headers['session-id'],
    body: body as SentTurn['body'],
  }));
}

function isTurn({ method, path }: RecordedRequest): boolean {
  return method === 'POST' && path.endsWith('/codex/responses');
}

export function expectStablePrefix(turns: SentTurn[]): void {
  const fixed = ({ session, body: { input: _, ...rest } }: SentTurn) => JSON.stringify({ session, ...rest });
  const items = ({ body }: SentTurn) => body.input.map((item) => JSON.stringify(item));
  expect(turns[0]?.session).toMatch(/^.+$/);
  expect(turns[0]?.body.prompt_cache_key).toMatch(/^.+$/);
  for (const [index, turn] of turns.slice(1).entries()) {
    const before = turns[index]!;
    const where = `turn ${index + 2}`;
    expect({ where, fixed: fixed(turn) }).toEqual({ where, fixed: fixed(before) });
    const sent = items(before);
    expect({ where, input: items(turn).slice(0, sent.length) }).toEqual({ where, input: sent });
    expect(turn.body.input.length).toBeGreaterThan(before.body.input.length);
  }
}
