// The work for a delta on its way from the upstream's bytes to the client's socket, counted instead of timed: whatever the
// deltas look like, none is parsed, quoted or copied, and what a read brings is written at once.
import { expect, spyOn, test } from 'bun:test';
import { opening, shapes } from '../../bench/shapes.ts';
import { anthropicMessages } from '../../src/apis/anthropic/messages/index.ts';
import { ollamaChat } from '../../src/apis/ollama/chat/index.ts';
import { openaiChat } from '../../src/apis/openai/chat/index.ts';
import { openaiCompletions } from '../../src/apis/openai/completions/index.ts';
import { openaiResponses } from '../../src/apis/openai/responses/index.ts';
import { Failure } from '../../src/failure.ts';
import { Decoder } from '../../src/responses/decode.ts';
import { DeltaEvent, type ResponsesEvent } from '../../src/responses/event.ts';
import { Grammar } from '../../src/responses/grammar.ts';
import type { Translation, Translator } from '../../src/responses/translator.ts';
import type { BodySink } from '../../src/server/direct-stream.ts';
import { Exchange } from '../../src/server/exchange.ts';
import { type StreamSource, streamOf } from '../../src/server/streaming.ts';
import { createTicker } from '../../src/stream/ticker.ts';

const deltasPerRead = 50;
const reads = 10;

interface Work {
  parses: number;
  quotes: number;
  /** Events that the decoder made. */
  events: number;
  /** Deltas that reached the encoder as other objects than the decoder's. */
  copies: number;
  writes: number;
}

const nothing: Work = { parses: 0, quotes: 0, events: 0, copies: 0, writes: 0 };

/** The work for all reads after the one in which the stream begins. */
async function workOf<T extends Translation>(translator: Translator<T>, body: object, shape: string) {
  const request = { model: 'gpt-5.5', stream: true, ...body };
  const context = {
    ...{ headers: new Headers(), reasoningStyle: 'reasoning_content' as const },
    reasoningSummary: 'auto',
  };
  const encoder = translator.stream(translator.request(request, context));
  const work = { ...nothing };
  const decoded = new WeakSet<ResponsesEvent>();
  const deltas = (read: number) => {
    const numbers = Array.from({ length: deltasPerRead }, (_, at) => 4 + read * deltasPerRead + at);
    return numbers.map((number) => shapes[shape]?.(number)).join('');
  };
  const source: StreamSource<ResponsesEvent> = {
    settled: true,
    cancel() {},
    async run(sink, afterRead) {
      const toEncoder = (event: ResponsesEvent) => {
        if (event instanceof DeltaEvent && !decoded.has(event)) work.copies += 1;
        sink(event);
      };
      const grammar = new Grammar(toEncoder, {
        ...{ newId: (prefix) => `${prefix}_1`, nowMs: () => 0 },
        accumulateText: translator.repeatsText,
      });
      const decoder = new Decoder((event) => {
        decoded.add(event);
        work.events += 1;
        grammar.push(event);
      });
      const read = async (text: string) => {
        decoder.push(new TextEncoder().encode(text));
        await afterRead();
      };
      await read(opening(shape) + deltas(0));
      const texts = Array.from({ length: reads }, (_, at) => deltas(at + 1));
      Object.assign(work, nothing);
      const spies = [spyOn(JSON, 'parse'), spyOn(JSON, 'stringify')] as const;
      for (const text of texts) await read(text);
      [work.parses, work.quotes] = [spies[0].mock.calls.length, spies[1].mock.calls.length];
      for (const spy of spies) spy.mockRestore();
    },
  };
  const hooks = { closing() {}, reserve: async () => () => {}, ended() {} };
  const exchange = new Exchange('req_1', new Request('http://localhost/'), () => 0, hooks);
  const failed = (cause: unknown) => new Failure('bug', 'The stream failed.', { cause });
  const { pull } = directSourceOf(() =>
    streamOf({ exchange, source, encoder, ticker: createTicker(), keepaliveMs: 0, failed, ended() {} }),
  );
  await pull({
    write: (text: string) => {
      work.writes += 1;
      return text.length;
    },
    flush: () => 0,
    close: () => 0,
  } as BodySink);
  return work;
}

/** What Bun would call for the body. */
function directSourceOf(makeStream: () => void): { pull(sink: BodySink): Promise<void> } {
  let source: unknown;
  const made = spyOn(globalThis, 'ReadableStream').mockImplementation(((given: unknown) => {
    source = given;
  }) as never);
  makeStream();
  made.mockRestore();
  return source as ReturnType<typeof directSourceOf>;
}

const messages = [{ role: 'user', content: 'hi' }];

for (const shape of Object.keys(shapes)) {
  const measures: Record<string, () => Promise<Work>> = {
    chat: () => workOf(openaiChat, { messages }, shape),
    completions: () => workOf(openaiCompletions, { prompt: 'hi' }, shape),
    responses: () => workOf(openaiResponses, { input: 'hi' }, shape),
    messages: () => workOf(anthropicMessages, { messages, max_tokens: 100 }, shape),
    ollama: () => workOf(ollamaChat, { messages }, shape),
  };
  for (const [api, measure] of Object.entries(measures)) {
    test(`${shape}, ${api}: one event per delta and one write per read, nothing parsed or quoted`, async () => {
      // Completions have no calls, and Ollama's are sent whole.
      const isSilent = /call|tool/.test(shape) && ['completions', 'ollama'].includes(api);
      expect(await measure()).toEqual({
        ...nothing,
        events: reads * deltasPerRead,
        writes: isSilent ? 0 : reads,
      });
    });
  }
}
