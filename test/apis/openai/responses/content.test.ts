// docs/wire/openai.md#content-parts, #response-format, #reasoning-effort, #input-normalised: content parts and options
// of the chat and Responses APIs.
import { describe, expect, test } from 'bun:test';
import { assistantParts, inputParts, toolOutput } from '../../../../src/apis/openai/content.ts';
import {
  effort,
  effortOfThinking,
  serviceTier,
  textFormat,
  verbosity,
} from '../../../../src/apis/openai/options.ts';
import { refusal } from './refusal.ts';

const png = 'data:image/png;base64,iVBORw0KGgo=';
const text = (value: string) => ({ type: 'input_text' as const, text: value });

describe('input parts', () => {
  test.each<[string, unknown, unknown]>([
    ['a string', 'hi', [text('hi')]],
    [
      'all text parts in order',
      [{ type: 'text', text: 'a' }, 'b', { type: 'input_text', text: 'c' }],
      ['a', 'b', 'c'].map(text),
    ],
    ['the assistant part of a user', [{ type: 'output_text', text: 'a', annotations: [] }], [text('a')]],
    [
      'marks on parts are stripped',
      [{ type: 'text', text: 'a', cache_control: {}, prompt_cache_breakpoint: {} }],
      [text('a')],
    ],
    [
      'an image of chat: the URL alone, with its detail',
      [{ type: 'image_url', image_url: { url: png, detail: 'low' } }],
      [{ type: 'input_image', image_url: png, detail: 'low' }],
    ],
    [
      'an image of chat with a bare URL',
      [{ type: 'image_url', image_url: 'https://x/a.png' }],
      [{ type: 'input_image', image_url: 'https://x/a.png' }],
    ],
    [
      'an image of Responses',
      [{ type: 'input_image', image_url: png, detail: 'original' }],
      [{ type: 'input_image', image_url: png, detail: 'original' }],
    ],
    [
      'an image of Responses with a wrapped URL',
      [{ type: 'input_image', image_url: { url: png } }],
      [{ type: 'input_image', image_url: png }],
    ],
    [
      'a file of chat',
      [{ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' } }],
      [{ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' }],
    ],
    [
      'a file in bare base64 gets its type from its name',
      [{ type: 'input_file', filename: 'a.pdf', file_data: 'JVBE' }],
      [{ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBE' }],
    ],
    [
      'a file by URL',
      [{ type: 'input_file', file_url: 'https://x/a.pdf' }],
      [{ type: 'input_file', file_url: 'https://x/a.pdf' }],
    ],
  ])('%s', (_, content, expected) => {
    expect(inputParts(content, 'c')).toEqual(expected as never);
  });

  test.each<[string, unknown, string]>([
    ['no content', undefined, 'c'],
    ['a part that is a number', [1], 'c[0]'],
    ['invalid text', [{ type: 'text', text: 1 }], 'c[0].text'],
    ['an image without URL', [{ type: 'input_image', image_url: '' }], 'c[0].image_url'],
    [
      'a picture the upstream cannot read',
      [{ type: 'image_url', image_url: { url: 'data:image/tiff;base64,AA' } }],
      'c[0].image_url.url',
    ],
    [
      'a data URL that is not base64',
      [{ type: 'input_image', image_url: 'data:image/png,AA' }],
      'c[0].image_url',
    ],
    ['a local file', [{ type: 'input_image', image_url: 'file:///etc/passwd' }], 'c[0].image_url'],
    ['an image by file id', [{ type: 'input_image', file_id: 'file_1' }], 'c[0].file_id'],
    ['an unknown detail', [{ type: 'input_image', image_url: png, detail: 'huge' }], 'c[0].detail'],
    ['a file by id', [{ type: 'file', file: { file_id: 'file_1' } }], 'c[0].file.file_id'],
    ['a file by id on R', [{ type: 'input_file', file_id: 'file_1' }], 'c[0].file_id'],
    ['an empty file', [{ type: 'input_file' }], 'c[0].file_data'],
    ['audio', [{ type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } }], 'c[0].type'],
    ["Anthropic's tool result", [{ type: 'tool_result' }], 'c[0].type'],
    ['a refusal of the user', [{ type: 'refusal', refusal: 'no' }], 'c[0].type'],
  ])('%s → 400', (_, content, param) => {
    const failure = refusal(() => inputParts(content, 'c'));
    expect(failure.param).toBe(param);
    expect(failure.message).not.toContain('data:');
  });
});

describe('assistant parts', () => {
  test('every text becomes output_text, annotations are not input, a refusal stays', () => {
    const content = [
      { type: 'output_text', text: 'a', annotations: [{}], logprobs: [] },
      { type: 'input_text', text: 'b' },
      { type: 'refusal', refusal: 'no' },
    ];
    expect(assistantParts(content, 'c')).toEqual([
      { type: 'output_text', text: 'a' },
      { type: 'output_text', text: 'b' },
      { type: 'refusal', refusal: 'no' },
    ]);
    expect(assistantParts('a', 'c')).toEqual([{ type: 'output_text', text: 'a' }]);
  });

  test('an image of the assistant → 400', () => {
    expect(refusal(() => assistantParts([{ type: 'input_image', image_url: png }], 'c')).param).toBe(
      'c[0].type',
    );
  });
});

describe('tool output', () => {
  test.each<[string, unknown, unknown]>([
    ['a string stays a string', '7 C', '7 C'],
    ['nothing', null, ''],
    ['text parts', [{ type: 'text', text: 'a' }], [text('a')]],
    [
      'images',
      [text('a'), { type: 'image_url', image_url: { url: png } }],
      [text('a'), { type: 'input_image', image_url: png }],
    ],
    ['any other JSON', { ok: true }, '{"ok":true}'],
    ['a list that is no parts', [{ ok: true }], '[{"ok":true}]'],
    ['an empty list', [], ''],
  ])('%s', (_, output, expected) => {
    expect(toolOutput(output, 'o')).toEqual(expected as never);
  });
});

describe('options', () => {
  const schema = { type: 'object', additionalProperties: false };
  test.each<[string, unknown, unknown]>([
    ['absent', null, undefined],
    ['text', { type: 'text' }, { type: 'text' }],
    ['JSON mode', { type: 'json_object' }, { type: 'json_object' }],
    [
      'a nested schema is flattened and, as chat means it, not strict',
      { type: 'json_schema', json_schema: { name: 'n', schema } },
      { type: 'json_schema', name: 'n', schema, strict: false },
    ],
    [
      'a flat one stays as it is',
      { type: 'json_schema', name: 'n', description: 'd', schema, strict: true },
      { type: 'json_schema', name: 'n', description: 'd', schema, strict: true },
    ],
    ['no schema', { type: 'json_schema', name: 'n' }, { type: 'json_schema', name: 'n', schema: {} }],
  ])('text.format: %s', (_, format, expected) => {
    expect(textFormat(format, 'text.format', undefined)).toEqual(expected as never);
  });

  test.each<[unknown, string]>([
    ['json', 'f'],
    [{ type: 'xml' }, 'f.type'],
    [{ type: 'json_schema' }, 'f.name'],
    [{ type: 'json_schema', json_schema: { name: 'a b' } }, 'f.json_schema.name'],
    [{ type: 'json_schema', name: 'n', schema: 'x' }, 'f.schema'],
    [{ type: 'json_schema', name: 'n', strict: true, schema: { type: 'object' } }, 'f.schema'],
  ])('text.format %j → 400', (format, param) => {
    expect(refusal(() => textFormat(format, 'f', undefined)).param).toBe(param);
  });

  test('efforts: synonyms only', () => {
    expect(
      ['extra', 'Extra-High', 'ultra', 'minimal', ' HIGH'].map((translate) => effort(translate, 'e')),
    ).toEqual(['xhigh', 'xhigh', 'ultra', 'minimal', 'high']);
    expect(refusal(() => effort('', 'e')).param).toBe('e');
    expect(effort(null, 'e')).toBeUndefined();
    expect(refusal(() => effort(3, 'e')).param).toBe('e');
  });

  test('thinking switches of other dialects', () => {
    expect(effortOfThinking({ enable_thinking: true })).toBe('medium');
    expect(effortOfThinking({ thinking: { type: 'enabled', budget_tokens: 1 } })).toBe('medium');
    expect(effortOfThinking({ thinking: { type: 'disabled' } })).toBe('none');
    expect(effortOfThinking({ enable_thinking: false })).toBe('none');
    expect(effortOfThinking({})).toBeUndefined();
  });

  test('a schema that is not strict enough is refused with the place, unless `strict` is false', () => {
    const address = { type: 'object', properties: { zip: { type: 'string' } }, additionalProperties: false };
    const schema = { type: 'array', items: address };
    const translateStrict = (strict: boolean) =>
      textFormat({ type: 'json_schema', json_schema: { name: 'n', strict, schema } }, 'f', false);
    expect(refusal(() => translateStrict(true))).toMatchObject({
      message: 'Invalid schema for `strict: true`: `items` must list `zip` in `required`.',
      code: 'invalid_json_schema',
      param: 'f.json_schema.schema',
    });
    expect(translateStrict(false)).toMatchObject({ schema, strict: false });
  });

  test('verbosity', () => {
    expect(verbosity('low', 'v')).toBe('low');
    expect(verbosity(null, 'v')).toBeUndefined();
    expect(refusal(() => verbosity('loud', 'v')).param).toBe('v');
  });

  test('service tier: `auto` and `default` ask for none', () => {
    const tiers = ['Priority', 'fast', 'scale', 'auto', 'default', null].map(serviceTier);
    expect(tiers).toEqual(['priority', 'fast', 'scale', undefined, undefined, undefined]);
  });
});
