// Repairs of text in bodies and items, and their cost if there is nothing to repair.
import { describe, expect, test } from 'bun:test';
import type { InputItem } from '../../../src/responses/request.ts';
import { normalizeDataUrl } from '../../../src/upstream/rules/data-url.ts';
import { checkItems } from '../../../src/upstream/rules/items.ts';
import { replaceLoneSurrogates } from '../../../src/upstream/rules/lone-surrogates.ts';

describe('halves of surrogate pairs', () => {
  test.each([
    ['\ud83d', '\ufffd'],
    ['a\ude00b', 'a\ufffdb'],
    ['\ud83d\ud83d\ude00', '\ufffd\u{1f600}'],
    ['\ude00\ud83d', '\ufffd\ufffd'],
    ['\u{1f600}', '\u{1f600}'],
    ['a backslash \\ud83d', 'a backslash \\ud83d'],
    ['\\\ud83d', '\\\ufffd'],
    ['"\n\u0000', '"\n\u0000'],
  ])('%j → %j', (given, expected) => {
    const json = JSON.stringify({ [given]: [given] });
    expect(JSON.parse(replaceLoneSurrogates(json))).toEqual({ [expected]: [expected] });
  });

  test('pairs that are written as escapes stay', () => {
    expect(replaceLoneSurrogates('"\\uD83D\\uDE00 \\ud83d"')).toBe('"\\uD83D\\uDE00 \ufffd"');
  });
});

describe('base64 in data URLs', () => {
  test.each([
    ['data:image/png;base64,AAAA\r\nBBBB\n', 'data:image/png;base64,AAAABBBB'],
    ['data:image/png;base64, AA AA\t', 'data:image/png;base64,AAAA'],
    ['data:image/png;base64,-_-_', 'data:image/png;base64,+/+/'],
    ['data:image/png; base64,AAAA\n', 'data:image/png;base64,AAAA'],
    ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
    ['data:text/plain,a b-c', 'data:text/plain,a b-c'],
    ['https://x.example/a b-c', 'https://x.example/a b-c'],
  ])('%j → %j', (given, expected) => {
    expect(normalizeDataUrl(given)).toBe(expected);
  });
});

describe('items', () => {
  const call = (call_id: string): InputItem => ({
    type: 'function_call',
    call_id,
    name: 'f',
    arguments: '{}',
  });
  const idOf = (id: string) => (checkItems([call(id)]).input[0] as { call_id: string }).call_id;

  test('legal ids stay, others become legal and stay apart', () => {
    expect(idOf('call_1-A')).toBe('call_1-A');
    const odd = ['a:b', 'a b', '\u00e9', 'x'.repeat(65), '\ud83d'].map(idOf);
    for (const id of odd) expect(id).toMatch(/^call_[0-9a-f]{48}$/);
    expect(new Set(odd).size).toBe(odd.length);
    expect(idOf('a:b')).toBe(odd[0] as string);
  });

  test('what is as it should be is the same list', () => {
    const input: InputItem[] = [
      { type: 'message', role: 'assistant', content: [], phase: 'commentary' },
      {
        type: 'message',
        role: 'user',
        content: [{ type: 'input_image', image_url: 'data:image/png;base64,AA' }],
      },
      call('a'),
      { type: 'function_call_output', call_id: 'a', output: 'x' },
    ];
    expect(checkItems(input).input).toBe(input);
  });

  test('files and images in tool results are mended too', () => {
    const output = [{ type: 'input_file' as const, file_data: 'data:application/pdf;base64,A\nB' }];
    const { input } = checkItems([call('a'), { type: 'function_call_output', call_id: 'a', output }]);
    expect(input[1]).toMatchObject({ output: [{ file_data: 'data:application/pdf;base64,AB' }] });
  });
});
