// docs/wire/anthropic.md#count-tokens: the estimate of what a request would cost.
import { describe, expect, test } from 'bun:test';
import { countTokens, tokenCount } from '../../../../src/apis/anthropic/messages/count-tokens.ts';
import { imageSize } from '../../../../src/responses/image-size.ts';
import { roughCount } from '../../../../src/responses/token-count.ts';
import { refusal } from '../../openai/responses/refusal.ts';
import { assistant, context, text, tool, user } from './support.ts';

/** A token per character, so that every counted character shows in the sum. */
const characters = (each: string) => each.length;
const count = (body: object, counter = characters) =>
  countTokens({ model: 'gpt-5.5', ...body }, context, counter);
const base = count({ messages: [user('x')] });

describe('what is counted', () => {
  test('8 per request, 4 per item, and the text', () => {
    expect(base).toBe(8 + 4 + 1);
    expect(count({ messages: [user('x'), assistant(text('yy')), user('z')] })).toBe(8 + 3 * 4 + 4);
  });

  test('the system prompt, without the billing line', () => {
    expect(count({ system: '12345', messages: [user('x')] })).toBe(base + 5);
    const billed = [text('x-anthropic-billing-header: cc_version=1;'), text('12345')];
    expect(count({ system: billed, messages: [user('x')] })).toBe(base + 5);
  });

  test('tools, calls and results', () => {
    const tools = [tool('Read', { description: 'Reads.' })];
    const sent =
      '[{"type":"function","name":"Read","description":"Reads.","strict":false,"parameters":{"type":"object","properties":{}}}]';
    expect(count({ tools, messages: [user('x')] })).toBe(base + sent.length);
    const loop = [
      user('x'),
      assistant({ type: 'tool_use', id: 't1', name: 'Read', input: { a: 1 } }),
      user([{ type: 'tool_result', tool_use_id: 't1', content: 'found' }]),
    ];
    expect(count({ messages: loop })).toBe(base + 4 + 'Read{"a":1}'.length + 4 + 'found'.length);
  });

  test('deferred tools cost nothing until they are seen', () => {
    expect(count({ tools: [tool('Edit', { defer_loading: true })], messages: [user('x')] })).toBe(base);
  });

  test('a schema of the answer', () => {
    const schema = { type: 'object', properties: { n: {} } };
    const output_config = { format: { type: 'json_schema', schema } };
    expect(count({ output_config, messages: [user('x')] })).toBeGreaterThan(
      base + JSON.stringify(schema).length,
    );
  });

  test('encrypted reasoning by half of what it holds; somebody else’s by nothing', () => {
    const thinking = (signature: string) => ({ type: 'thinking', thinking: 'Hm.', signature });
    const messages = (signature: string) => [user('x'), assistant(thinking(signature), text('y')), user('z')];
    const without = count({ messages: messages('foreign') });
    expect(count({ messages: messages(`cdx1.${'A'.repeat(1600)}`) })).toBe(without + 4 + 150);
  });

  test('no max_tokens is needed, everything else is as strict as a turn', () => {
    expect(refusal(() => count({ messages: [] })).param).toBe('messages');
    expect(refusal(() => countTokens({ messages: [user('x')] }, context, characters)).param).toBe('model');
    expect(refusal(() => countTokens([], context, characters)).param).toBe('body');
  });
});

// --- pictures: only their headers are real ---

const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
const padding = Array.from({ length: 64 }, () => 0);
const png = (width: number, height: number) =>
  bytes([0x89], 'PNG\r\n', [0x1a, 0x0a, 0, 0, 0, 13], 'IHDR', [
    0,
    0,
    width >> 8,
    width & 255,
    0,
    0,
    height >> 8,
    height & 255,
  ]);

describe('images', () => {
  const thumbnail = [0xff, 0xe1, 0x01, 0x00, ...Array.from({ length: 254 }, () => 0xff)];
  const sizes: [string, Buffer, [number, number]][] = [
    ['PNG', png(640, 480), [640, 480]],
    ['GIF', bytes('GIF89a', [0x80, 0x02, 0xe0, 0x01]), [640, 480]],
    [
      'JPEG behind a thumbnail',
      bytes([0xff, 0xd8], thumbnail, [0xff, 0xc0, 0, 17, 8, 0x01, 0xe0, 0x02, 0x80], padding),
      [640, 480],
    ],
    ['progressive JPEG', bytes([0xff, 0xd8, 0xff, 0xc2, 0, 17, 8, 0, 7, 0, 9]), [9, 7]],
    [
      'WebP, lossy',
      bytes(
        'RIFF',
        [0, 0, 0, 0],
        'WEBPVP8 ',
        [0, 0, 0, 0, 0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01],
      ),
      [640, 480],
    ],
    [
      'WebP, lossless',
      bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8L', [0, 0, 0, 0, 0x2f, 0x7f, 0xc2, 0x77, 0x00]),
      [640, 480],
    ],
    [
      'WebP, extended',
      bytes('RIFF', [0, 0, 0, 0], 'WEBPVP8X', [10, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0x02, 0, 0xdf, 0x01, 0]),
      [640, 480],
    ],
  ];
  test.each(sizes)('the size of a %s', (_, head, [width, height]) => {
    expect(imageSize(head)).toEqual({ width, height });
  });

  test.each(sizes)('none of a %s that is cut', (_, head) => {
    for (let length = 0; length < Math.min(head.length, 16); length++) {
      expect(imageSize(head.subarray(0, length))).toBeUndefined();
    }
  });

  test.each(['', 'BM6', '<svg xmlns="http://www.w3.org/2000/svg"/>', '\xff\xd8\x00\x00\x00\x00'])(
    'none of something else: %j',
    (head) => {
      expect(imageSize(Buffer.from(head, 'latin1'))).toBeUndefined();
    },
  );

  const image = (data: Buffer) => ({
    type: 'image',
    source: { type: 'base64', media_type: 'image/png', data: data.toString('base64') },
  });
  const costs: [string, object, number][] = [
    ['by its size', image(png(640, 480)), Math.ceil(20 * 15 * 1.2)],
    ['a large one is made smaller', image(png(4000, 3000)), Math.ceil(1536 * 1.2)],
    ['of unknown size', image(Buffer.from('nothing')), 1500],
    ['behind a URL', { type: 'image', source: { type: 'url', url: 'https://a.no/x.png' } }, 1500],
  ];
  test.each(costs)('what one costs: %s', (_, block, tokens) => {
    expect(count({ messages: [user([block])] })).toBe(Math.ceil(8 + 4 + tokens));
  });

  test('also inside a result', () => {
    const messages = [
      user('x'),
      assistant({ type: 'tool_use', id: 't1', name: 'Read', input: {} }),
      user([{ type: 'tool_result', tool_use_id: 't1', content: [image(png(32, 32))] }]),
    ];
    expect(count({ messages })).toBe(Math.ceil(base + 4 + 'Read{}'.length + 4 + 1.2));
  });
});

describe('documents', () => {
  const pdf = (content: string) => ({
    type: 'document',
    source: { type: 'base64', media_type: 'application/pdf', data: Buffer.from(content).toString('base64') },
  });
  const costs: [string, object, number][] = [
    ['by its pages', pdf('%PDF-1.4 /Type /Pages /Type /Page /Type/Page '), 4000],
    ['by its length, when they are hidden', pdf('x'.repeat(30_000)), 1000],
    ['behind a URL', { type: 'document', source: { type: 'url', url: 'https://a.no/b.pdf' } }, 2000],
  ];
  test.each(costs)('%s', (_, block, tokens) => {
    expect(count({ messages: [user([block])] })).toBe(8 + 4 + tokens);
  });
});

test('without a tokenizer: a third of the bytes', () => {
  expect(roughCount('abcdef')).toBe(2);
  expect(roughCount('漢字')).toBe(2);
  expect(roughCount('')).toBe(0);
});

test('the answer is an estimate, with the window beside it', () => {
  expect(tokenCount(1234, { contextWindow: 272_000, autoCompactTokenLimit: undefined })).toEqual({
    input_tokens: 1234,
    context_window: 272_000,
    auto_compact_token_limit: null,
  });
});
