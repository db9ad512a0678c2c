import { describe, expect, test } from 'bun:test';
import { createMessages } from '../../src/cli/messages.ts';

function written(say: (messages: ReturnType<typeof createMessages>) => void, columns = 40, options = {}) {
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  say(createMessages({ write, isTty: true, color: false, columns, ...options }));
  return text;
}

describe('messages', () => {
  test('have a mark on a terminal, and fit its width beside it', () => {
    expect(
      written((messages) => messages.warn('No daemon is listening on http://127.0.0.1:8787; start one.')),
    ).toBe('⚠ No daemon is listening on\n  http://127.0.0.1:8787; start one.\n');
    expect(written((messages) => messages.info('One.'))).toBe('ℹ One.\n');
    expect(written((messages) => messages.start('Two.'))).toBe('◐ Two.\n');
    expect(written((messages) => messages.success('Three.'))).toBe('✔ Three.\n');
  });

  test('the mark is coloured if colours are allowed', () => {
    const text = written((messages) => messages.warn('Careful.'), 40, { color: true });
    expect(text).toBe('\x1b[33m⚠\x1b[0m Careful.\n');
  });

  test('are plain, unwrapped text elsewhere', () => {
    const long = 'word '.repeat(40).trim();
    expect(written((messages) => messages.warn(long), 40, { isTty: false })).toBe(`${long}\n`);
  });

  test('repeated messages are written each time, immediately', () => {
    const text = written((messages) => {
      for (let n = 0; n < 10; n++) messages.info('Again.');
    });
    expect(text).toBe('ℹ Again.\n'.repeat(10));
  });
});
