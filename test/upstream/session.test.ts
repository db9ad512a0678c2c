// The prompt cache depends on the session, so the session must be the same throughout a conversation and differ between
// two.
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { InputItem, ResponsesRequest } from '../../src/responses/request.ts';
import { validCacheKey } from '../../src/upstream/rules/cache-key.ts';
import { sessionOf } from '../../src/upstream/session.ts';

const message = (role: 'user' | 'developer' | 'assistant', text: string): InputItem => ({
  type: 'message',
  role,
  content: [{ type: role === 'assistant' ? 'output_text' : 'input_text', text } as never],
});
const conversation = (...input: InputItem[]): ResponsesRequest => ({
  model: 'gpt-5.5',
  instructions: 'Be brief.',
  input,
});
const hashOf = (request: ResponsesRequest) => sessionOf(new Headers(), request);

describe('named by the client', () => {
  const cases: [name: string, headers: Record<string, string>, key: string | undefined, session: string][] = [
    ["Codex's header", { 'session-id': 'a' }, 'k', 'a'],
    ["Codex's older header", { session_id: 'a' }, 'k', 'a'],
    ["Claude Code's header", { 'x-claude-code-session-id': 'a' }, 'k', 'a'],
    ['opencode and others', { 'x-session-affinity': 'a' }, 'k', 'a'],
    ['an old name', { conversation_id: 'a' }, 'k', 'a'],
    ['the most specific wins', { conversation_id: 'b', 'session-id': 'a', session_id: 'c' }, 'k', 'a'],
    ['an empty header counts as absent', { 'session-id': '  ' }, 'k', 'k'],
    ['the cache key, where no header is', {}, 'k', 'k'],
  ];
  test.each(cases)('%s', (_, headers, key, session) => {
    const request = { ...conversation(message('user', 'Hi.')), ...(key && { prompt_cache_key: key }) };
    expect(sessionOf(new Headers(headers), request)).toBe(session);
  });

  test('an empty cache key counts as absent', () => {
    const request = conversation(message('user', 'Hi.'));
    expect(hashOf({ ...request, prompt_cache_key: '' })).toBe(hashOf(request));
  });

  test('a cache key may be any text, the session is always good as a header and at most 64 characters long', async () => {
    for (const key of ['a\nb', 'чат', 'emoji 🙂', 'x'.repeat(65), 'a\u0000b', 'ü']) {
      const session = hashOf({ ...conversation(), prompt_cache_key: key });
      expect(session).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (key) => {
        const session = hashOf({ ...conversation(), prompt_cache_key: key });
        expect(session.length).toBeLessThanOrEqual(64);
        expect(() => new Headers({ 'session-id': session })).not.toThrow();
      }),
    );
  });

  test('keys up to the limit are kept, longer ones become different short ones', () => {
    expect(validCacheKey('x'.repeat(64))).toBe('x'.repeat(64));
    expect(validCacheKey('x'.repeat(65))).toHaveLength(36);
    expect(validCacheKey('x'.repeat(65))).not.toBe(validCacheKey(`${'x'.repeat(65)}y`));
    expect(validCacheKey('x'.repeat(65))).toBe(validCacheKey('x'.repeat(65)));
  });
});

describe('not named', () => {
  const first = message('user', 'What is a monad?');
  const turns = [
    message('assistant', 'A burrito.'),
    message('user', 'No, really.'),
    message('assistant', 'Well …'),
  ];

  test('it stays the same while the history grows', () => {
    const sessions = [0, 1, 2, 3].map((count) => hashOf(conversation(first, ...turns.slice(0, count))));
    expect(new Set(sessions).size).toBe(1);
    expect(sessions[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('the same with developer messages before the first question', () => {
    const prompt = message('developer', 'You are a pirate.');
    expect(hashOf(conversation(prompt, first, ...turns))).toBe(hashOf(conversation(prompt, first)));
  });

  test('it differs between conversations', () => {
    const sessions = [
      conversation(first),
      conversation(message('user', 'What is a functor?')),
      { ...conversation(first), instructions: 'Be long.' },
      { ...conversation(first), model: 'gpt-6-luna' },
      conversation(message('developer', 'You are a pirate.'), first),
      conversation(message('developer', 'You are a parrot.'), first),
    ].map(hashOf);
    expect(new Set(sessions).size).toBe(sessions.length);
  });

  test('input without a user message has a session too', () => {
    expect(hashOf(conversation())).toHaveLength(36);
    const prompt = message('developer', 'x');
    expect(hashOf(conversation(prompt, message('assistant', 'y')))).toBe(hashOf(conversation(prompt)));
  });
});
