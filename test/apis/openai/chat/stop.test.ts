// `stop`, which codexd implements (docs/wire/openai.md#chat-fields): ends before the first stop text, however the text
// is split.
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { StopScanner } from '../../../../src/apis/stop.ts';
import { fold } from './fold.ts';
import { chatChunks, chatOrderFaults } from './order.ts';
import { call, message, reasoning, streamOf, translate, turnWith, wholeOf } from './support.ts';

function scan(stops: string[], pieces: string[]): { out: string; stopped: boolean } {
  const scanner = new StopScanner(stops);
  const out = pieces.map((piece) => scanner.push(piece)).join('') + scanner.flush();
  return { out, stopped: scanner.matched !== undefined };
}

describe('the scanner', () => {
  const rows: [string[], string[], string, boolean][] = [
    [['END'], ['one END two'], 'one ', true],
    [['END'], ['one E', 'N', 'D two'], 'one ', true],
    [['END'], ['one E', 'N', 'd'], 'one ENd', false],
    [['END'], ['EN'], 'EN', false],
    [['aab'], ['aa', 'ab'], 'a', true],
    [['abcX', 'bc'], ['abcX'], 'a', true],
    [['bc', 'abc'], ['abc'], '', true],
    [['\n\n'], ['a\n', '\nb'], 'a', true],
    [['🙂'], ['a\ud83d', '\ude42b'], 'a', true],
  ];
  test.each(rows)('%j in %j', (stops, pieces, out, stopped) => {
    expect(scan(stops, pieces)).toEqual({ out, stopped });
  });

  test('holds back no more than what could begin a stop text', () => {
    const scanner = new StopScanner(['END', '\n']);
    expect(['a', 'bE', 'N', 'N', 'E'].map((piece) => scanner.push(piece))).toEqual(['a', 'b', '', 'ENN', '']);
  });

  test('however the text is cut, the outcome is the same', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 });
    const stops = fc.array(
      letters.filter((stop) => stop !== ''),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(stops, fc.array(letters, { maxLength: 12 }), (some, pieces) => {
        expect(scan(some, pieces)).toEqual(scan(some, [pieces.join('')]));
      }),
    );
  });
});

describe('in an answer', () => {
  const translation = translate({ stop: ['END'], stream_options: { include_usage: true } });
  const usage = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };

  test('the text ends before the match, with finish_reason stop, and the rest is not waited for', () => {
    const turn = turnWith([...message('msg_1', 'one E', 'ND two'), ...call('fc_1', 'f', '{}')], { usage });
    const text = streamOf(turn, translation);
    expect(chatOrderFaults(text)).toEqual([]);
    const folded = fold(text);
    expect(folded).toMatchObject({ message: { content: 'one ' }, finishReason: 'stop', usage: undefined });
    expect(folded.message).toEqual({ ...wholeOf(turn, translation).choices[0].message });
    expect(wholeOf(turn, translation).choices[0].finish_reason).toBe('stop');
    expect(wholeOf(turn, translation).usage?.total_tokens).toBe(3);
  });

  test('the encoder is finished at the match, so that the upstream is closed', async () => {
    const { ChatEncoder } = await import('../../../../src/apis/openai/chat/stream.ts');
    const encoder = new ChatEncoder(translation);
    const finished = turnWith(message('msg_1', 'one', 'END', 'two')).events.map((event) => {
      encoder.push(event);
      return encoder.finished;
    });
    const match = finished.indexOf(true);
    expect(match).toBeGreaterThan(0);
    expect(finished.slice(match).every(Boolean)).toBeTrue();
    expect(match).toBeLessThan(finished.length - 3);
  });

  test('text that was held back in vain comes before what follows it', () => {
    const turn = turnWith([
      ...message('msg_1', 'one E'),
      ...call('fc_1', 'f', '{}'),
      ...message('msg_2', 'ND'),
    ]);
    const folded = fold(streamOf(turn, translation));
    expect(folded.message.content).toBe('one E\n\nND');
    expect(folded.message).toEqual({ ...wholeOf(turn, translation).choices[0].message });
    const kinds = chatChunks(streamOf(turn, translation)).map(
      ({ choices }) => Object.keys(choices[0]?.delta ?? {})[0],
    );
    expect(kinds.indexOf('tool_calls')).toBe(kinds.lastIndexOf('content', kinds.indexOf('tool_calls')) + 1);
  });

  test('reasoning and arguments are not scanned', () => {
    const turn = turnWith([...reasoning('rs_1', ['the END']), ...call('fc_1', 'f', '{"a":"END"}')]);
    for (const reasoningStyle of ['reasoning_content', 'think-tags'] as const) {
      const { message: folded } = fold(streamOf(turn, translate({ stop: 'END' }, { reasoningStyle })));
      expect(folded.tool_calls[0].function.arguments).toBe('{"a":"END"}');
      expect(folded.reasoning_content ?? folded.content).toContain('the END');
    }
  });
});
