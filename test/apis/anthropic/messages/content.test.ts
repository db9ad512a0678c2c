// docs/wire/anthropic.md#blocks: images, documents and the other blocks of user content and tool results.
import { describe, expect, test } from 'bun:test';
import type { InputPart } from '../../../../src/responses/request.ts';
import { refusal } from '../../openai/responses/refusal.ts';
import { assistant, droppedBy, inputOf, text, user } from './support.ts';

const png =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const image = (source: object) => ({ type: 'image', source });
const base64 = (media_type: unknown, data: string) => image({ type: 'base64', media_type, data });
const document = (source: object, further: object = {}) => ({ type: 'document', source, ...further });
const inputText = (said: string): InputPart => ({ type: 'input_text', text: said });

/** The parts of a user message with this block. */
function partsOf(block: unknown): unknown {
  const [item] = inputOf(user([block]));
  return (item as { content: unknown }).content;
}

/** The output of a call whose result contains this. */
function outputOf(content: unknown, further: object = {}): unknown {
  const call = { type: 'tool_use', id: 't1', name: 'f', input: {} };
  const result = { type: 'tool_result', tool_use_id: 't1', content, ...further };
  return (inputOf(user('a'), assistant(call), user([result])).at(-1) as { output: unknown }).output;
}

describe('images', () => {
  const pictures: [string, object, string][] = [
    ['base64', base64('image/png', png), `data:image/png;base64,${png}`],
    [
      'base64 in lines',
      base64('image/png', `${png.slice(0, 30)}\n${png.slice(30)}\r\n`),
      `data:image/png;base64,${png}`,
    ],
    ['a whole data URL', base64('image/png', `data:image/png;base64,${png}`), `data:image/png;base64,${png}`],
    ['a data URL alone', base64(undefined, `data:image/webp;base64,AAAA`), 'data:image/webp;base64,AAAA'],
    ['bytes that contradict the type', base64('image/jpeg', png), `data:image/png;base64,${png}`],
    ['bytes that say nothing', base64('image/gif', 'AAAA'), 'data:image/gif;base64,AAAA'],
    ['a URL', image({ type: 'url', url: 'https://a.no/x.png' }), 'https://a.no/x.png'],
    [
      'a data URL as OpenAI spells it',
      { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      `data:image/png;base64,${png}`,
    ],
    [
      'a URL as OpenAI spells it',
      { type: 'image_url', image_url: 'https://a.no/x.png' },
      'https://a.no/x.png',
    ],
  ];
  test.each(pictures)('%s', (_, block, image_url) => {
    expect(partsOf(block)).toEqual([{ type: 'input_image', image_url }]);
  });

  const refused: [string, object, string][] = [
    ['another type', base64('image/tiff', 'AAAA'), 'messages.0.content.0.source.media_type'],
    ['no type', base64(undefined, 'AAAA'), 'messages.0.content.0.source.media_type'],
    ['no content', base64('image/png', ' \n'), 'messages.0.content.0.source.data'],
    ['a file', image({ type: 'file', file_id: 'file_1' }), 'messages.0.content.0.source'],
    ['another scheme', image({ type: 'url', url: 'file:///etc/passwd' }), 'messages.0.content.0.source.url'],
    [
      'another scheme as OpenAI spells it',
      { type: 'image_url', image_url: { url: 'file:///etc/passwd' } },
      'messages.0.content.0.image_url',
    ],
    ['no URL', { type: 'image_url', image_url: {} }, 'messages.0.content.0.image_url.url'],
    ['no source', { type: 'image' }, 'messages.0.content.0.source'],
    ['an unknown source', image({ type: 'content' }), 'messages.0.content.0.source.type'],
    ['an upload', { type: 'container_upload', file_id: 'f' }, 'messages.0.content.0'],
  ];
  test.each(refused)('refused: %s', (_, block, param) => {
    const failure = refusal(() => partsOf(block));
    expect(failure.param).toBe(param);
    expect(failure.message.length).toBeLessThan(200);
  });

  test('transformations are dropped', () => {
    const block = { ...base64('image/png', png), transformations: [{ type: 'crop' }] };
    expect(droppedBy({ messages: [user([block])] })).toEqual(['image.transformations']);
  });
});

describe('documents', () => {
  const pdf = 'JVBERi0xLjQK';
  const documents: [string, object, object[]][] = [
    [
      'a PDF',
      document({ type: 'base64', media_type: 'application/pdf', data: pdf }, { title: 'Bill.pdf' }),
      [{ type: 'input_file', filename: 'Bill.pdf', file_data: `data:application/pdf;base64,${pdf}` }],
    ],
    [
      'a PDF without a title',
      document({ type: 'base64', media_type: 'application/pdf', data: pdf }),
      [{ type: 'input_file', filename: 'document.pdf', file_data: `data:application/pdf;base64,${pdf}` }],
    ],
    [
      'a URL',
      document({ type: 'url', url: 'https://a.no/b.pdf' }),
      [{ type: 'input_file', file_url: 'https://a.no/b.pdf' }],
    ],
    [
      'a text',
      document({ type: 'text', media_type: 'text/plain', data: 'said' }, { title: 'A "B"', context: 'why' }),
      [inputText('<document title="A &quot;B&quot;">\nwhy\nsaid\n</document>')],
    ],
    ['a text alone', document({ type: 'text', data: 'said' }), [inputText('<document>\nsaid\n</document>')]],
    ['content as a text', document({ type: 'content', content: 'a' }), [inputText('a')]],
    [
      'content in blocks',
      document({ type: 'content', content: [text('a'), base64('image/png', png)] }),
      [inputText('a'), { type: 'input_image', image_url: `data:image/png;base64,${png}` }],
    ],
    [
      'a search result',
      { type: 'search_result', title: 'T', source: 'https://a.no', content: [text('b'), text('c')] },
      [inputText('T\nhttps://a.no\nb\nc')],
    ],
  ];
  test.each(documents)('%s', (_, block, parts) => {
    expect(partsOf(block)).toEqual(parts);
  });

  const refused: [string, object, string][] = [
    [
      'another format',
      document({ type: 'base64', media_type: 'application/zip', data: 'AAAA' }),
      'messages.0.content.0.source.media_type',
    ],
    ['a file', document({ type: 'file', file_id: 'file_1' }), 'messages.0.content.0.source'],
    ['another scheme', document({ type: 'url', url: 'ftp://a.no' }), 'messages.0.content.0.source.url'],
  ];
  test.each(refused)('refused: %s', (_, block, param) => {
    expect(refusal(() => partsOf(block)).param).toBe(param);
  });

  test('citations that were switched on are dropped, others not worth a word', () => {
    const cited = (enabled: boolean) =>
      droppedBy({ messages: [user([document({ type: 'text', data: 'a' }, { citations: { enabled } })])] });
    expect(cited(true)).toEqual(['document.citations']);
    expect(cited(false)).toEqual([]);
  });
});

describe('tool results', () => {
  const picture = { type: 'input_image', image_url: `data:image/png;base64,${png}` };
  const results: [string, unknown, unknown][] = [
    ['a text', 'r', 'r'],
    ['nothing', undefined, ''],
    ['an empty list', [], ''],
    ['texts are joined, not stringified', [text('a'), text('b')], 'a\nb'],
    [
      'a picture',
      [text('a'), base64('image/png', png), text('b')],
      [inputText('a'), picture, inputText('b')],
    ],
    ['a picture alone', [base64('image/png', png)], [picture]],
    [
      'a PDF, as Claude Code’s Read gives it',
      [text('PDF read'), document({ type: 'base64', media_type: 'application/pdf', data: 'JVBE' })],
      [
        inputText('PDF read'),
        { type: 'input_file', filename: 'document.pdf', file_data: 'data:application/pdf;base64,JVBE' },
      ],
    ],
    ['a tool that was found', [{ type: 'tool_reference', tool_name: 'Edit' }], 'Tool available: Edit'],
    [
      'the state of a browser',
      [{ type: 'browser_state', url: 'https://a.no', cache_control: { type: 'ephemeral' } }],
      '{"type":"browser_state","url":"https://a.no"}',
    ],
    ['a block nobody knows', [text('a'), { type: 'hologram' }], 'a'],
  ];
  test.each(results)('%s', (_, content, expected) => {
    expect(outputOf(content)).toEqual(expected);
  });

  const failed: [string, unknown, unknown][] = [
    ['a text', 'no such file', 'Error: no such file'],
    ['one that says so', 'Error: no such file', 'Error: no such file'],
    ['Claude Code’s tag', '<tool_use_error>x</tool_use_error>', '<tool_use_error>x</tool_use_error>'],
    ['nothing', '', 'Error: the tool failed without output.'],
    ['a picture', [base64('image/png', png)], [inputText('Error:'), picture]],
  ];
  test.each(failed)('is_error with %s', (_, content, expected) => {
    expect(outputOf(content, { is_error: true })).toEqual(expected);
    expect(outputOf('r', { is_error: false })).toBe('r');
  });
});
