// A turn as the upstream's events (docs/wire/upstream.md#events), with their keys in the documented order.
import type { Fields } from '../base/object.ts';
import type { Random } from './random.ts';

/** The model's output before it is split into events. */
export type ModelOutput =
  | ReasoningOutput
  | MessageOutput
  | CallOutput
  | SearchCall
  | ImageOutput
  | CompactionOutput;

export interface ReasoningOutput {
  kind: 'reasoning';
  summary: string[];
  /** `encrypted_content`, which differs between the item's first and last event; absent unless requested. */
  sealed?: { added: string; done: string };
}
export interface MessageOutput {
  kind: 'message';
  text: string;
  phase: 'commentary' | 'final_answer';
  annotations?: Fields[];
}
export interface CallOutput {
  kind: 'function_call' | 'custom_tool_call';
  name: string;
  /** JSON text of a function's arguments, or the free text of a custom tool. */
  input: string;
  namespace?: string;
}
export interface SearchCall {
  kind: 'web_search_call';
  query: string;
}
export interface ImageOutput {
  kind: 'image_generation_call';
  prompt: string;
  /** `background`, `output_format`, `quality`, `size`. */
  look: Fields;
  partial: string[];
  result: string;
}
export interface CompactionOutput {
  kind: 'compaction';
  sealed: string;
}

export interface Turn {
  /** The response object in `created`. The fields of `completed` override it. */
  response: Fields;
  made: ModelOutput[];
  usage: Fields;
  /** The cost of hosted tools, in addition to `usage`. */
  toolUsage?: Fields;
  /** Milliseconds. */
  now: () => number;
  ids: Random;
  /** Where texts are split and how deltas are padded; the same for the same input. */
  cuts: Random;
}

/** Yields the whole turn. Passes finished items to `keep`, for a WebSocket's chain. */
export function* turnEvents(turn: Turn, keep: (item: Fields) => void = () => {}): Generator<Fields> {
  const teller = new Teller(turn);
  yield* teller.opening();
  for (const made of turn.made) {
    for (const event of teller.item(made)) {
      if (event.type === 'response.output_item.done') keep(event.item as Fields);
      yield event;
    }
  }
  yield teller.completed();
}

/**
 * A turn with `bytes` of text, generated as it is read. Nothing is stored, so it ends without the `done` events, which
 * would repeat the text (as in test/fixtures/turns/text-never-done.sse).
 */
export function* dripEvents(turn: Turn, bytes: number): Generator<Fields> {
  const teller = new Teller(turn);
  yield* teller.opening();
  yield* teller.drip(bytes);
  yield teller.completed();
}

class Teller {
  private sequence = 0;
  private index = 0;

  constructor(private readonly turn: Turn) {}

  *opening(): Generator<Fields> {
    yield this.lifecycle('response.created', {});
    yield this.lifecycle('response.in_progress', {});
  }

  completed(): Fields {
    return this.lifecycle('response.completed', {
      status: 'completed',
      completed_at: Math.floor(this.turn.now() / 1000),
      service_tier: 'default',
      usage: this.turn.usage,
      ...(this.turn.toolUsage ? { tool_usage: this.turn.toolUsage } : {}),
    });
  }

  *item(made: ModelOutput): Generator<Fields> {
    switch (made.kind) {
      case 'reasoning':
        yield* this.reasoning(made);
        break;
      case 'message':
        yield* this.message(made);
        break;
      case 'function_call':
      case 'custom_tool_call':
        yield* this.call(made);
        break;
      case 'web_search_call':
        yield* this.search(made);
        break;
      case 'image_generation_call':
        yield* this.image(made);
        break;
      case 'compaction':
        yield* this.compaction(made);
        break;
    }
    this.index++;
  }

  *drip(bytes: number): Generator<Fields> {
    const id = this.id('msg');
    yield this.added(messageItem(id, 'in_progress', [], 'final_answer'));
    yield this.contentPart('added', id, textPart('', []));
    for (let written = 0; written < bytes; ) {
      const delta = this.turn.cuts.letters(this.turn.cuts.between(3, 12)).padEnd(13);
      written += delta.length;
      yield this.textDelta(id, delta);
    }
  }

  private *reasoning({ summary, sealed }: ReasoningOutput): Generator<Fields> {
    const id = this.id('rs');
    const item = (encrypted: string | undefined, parts: Fields[]) => ({
      id,
      type: 'reasoning',
      content: [],
      ...(encrypted === undefined ? {} : { encrypted_content: encrypted }),
      summary: parts,
    });
    yield this.added(item(sealed?.added, []));
    for (const [summary_index, text] of summary.entries()) {
      const part = (step: string, text: string) => ({
        type: `response.reasoning_summary_part.${step}`,
        item_id: id,
        output_index: this.index,
        part: { type: 'summary_text', text },
        sequence_number: this.sequence++,
        summary_index,
      });
      yield part('added', '');
      for (const delta of this.pieces(text)) {
        yield {
          type: 'response.reasoning_summary_text.delta',
          delta,
          item_id: id,
          obfuscation: this.padding(),
          output_index: this.index,
          sequence_number: this.sequence++,
          summary_index,
        };
      }
      yield {
        type: 'response.reasoning_summary_text.done',
        item_id: id,
        output_index: this.index,
        sequence_number: this.sequence++,
        summary_index,
        text,
      };
      yield part('done', text);
    }
    const parts = summary.map((text) => ({ type: 'summary_text', text }));
    yield this.done(item(sealed?.done, parts));
  }

  private *message({ text, phase, annotations = [] }: MessageOutput): Generator<Fields> {
    const id = this.id('msg');
    yield this.added(messageItem(id, 'in_progress', [], phase));
    yield this.contentPart('added', id, textPart('', []));
    for (const delta of this.pieces(text)) yield this.textDelta(id, delta);
    for (const [annotation_index, annotation] of annotations.entries()) {
      yield {
        type: 'response.output_text.annotation.added',
        annotation,
        annotation_index,
        content_index: 0,
        item_id: id,
        output_index: this.index,
        sequence_number: this.sequence++,
      };
    }
    yield {
      type: 'response.output_text.done',
      content_index: 0,
      item_id: id,
      logprobs: [],
      output_index: this.index,
      sequence_number: this.sequence++,
      text,
    };
    const part = textPart(text, annotations);
    yield this.contentPart('done', id, part);
    yield this.done(messageItem(id, 'completed', [part], phase));
  }

  private *call({ kind, name, input, namespace }: CallOutput): Generator<Fields> {
    const isFunction = kind === 'function_call';
    const id = this.id(isFunction ? 'fc' : 'ctc');
    const call_id = `call_${this.turn.ids.letters(24)}`;
    const key = isFunction ? 'arguments' : 'input';
    const stem = isFunction ? 'response.function_call_arguments' : 'response.custom_tool_call_input';
    const item = (status: string, text: string) => ({
      id,
      type: kind,
      status,
      ...(isFunction ? { arguments: text, call_id } : { call_id, input: text }),
      name,
      ...(namespace === undefined ? {} : { namespace }),
    });
    yield this.added(item('in_progress', ''));
    for (const delta of this.pieces(input)) {
      yield {
        type: `${stem}.delta`,
        delta,
        item_id: id,
        obfuscation: this.padding(),
        output_index: this.index,
        sequence_number: this.sequence++,
      };
    }
    yield {
      type: `${stem}.done`,
      [key]: input,
      item_id: id,
      output_index: this.index,
      sequence_number: this.sequence++,
    };
    yield this.done(item('completed', input));
  }

  private *search({ query }: SearchCall): Generator<Fields> {
    const id = this.id('ws');
    yield this.added({ id, type: 'web_search_call', status: 'in_progress' });
    for (const step of ['in_progress', 'searching', 'completed']) {
      yield this.progress(`response.web_search_call.${step}`, id);
    }
    const action = { type: 'search', query, queries: [query] };
    yield this.done({ id, type: 'web_search_call', status: 'completed', action });
  }

  private *image({ prompt, look, partial, result }: ImageOutput): Generator<Fields> {
    const id = this.id('ig');
    yield this.added({ id, type: 'image_generation_call', status: 'in_progress' });
    yield this.progress('response.image_generation_call.in_progress', id);
    yield this.progress('response.image_generation_call.generating', id);
    yield { type: 'keepalive', sequence_number: this.sequence++ };
    for (const [partial_image_index, partial_image_b64] of partial.entries()) {
      yield {
        type: 'response.image_generation_call.partial_image',
        background: look.background,
        item_id: id,
        output_format: look.output_format,
        output_index: this.index,
        partial_image_b64,
        partial_image_index,
        quality: look.quality,
        sequence_number: this.sequence++,
        size: look.size,
      };
    }
    yield this.progress('response.image_generation_call.completed', id);
    yield this.done({
      id,
      type: 'image_generation_call',
      status: 'completed',
      background: look.background,
      output_format: look.output_format,
      quality: look.quality,
      result,
      revised_prompt: prompt,
      size: look.size,
    });
  }

  private *compaction({ sealed }: CompactionOutput): Generator<Fields> {
    const item = { id: this.id('cmp'), type: 'compaction', encrypted_content: sealed };
    yield this.added(item);
    yield this.done(item);
  }

  private lifecycle(type: string, over: Fields): Fields {
    const response = { ...this.turn.response, ...over };
    return { type, response, sequence_number: this.sequence++, safety_buffering: false };
  }

  private added(item: Fields): Fields {
    return this.itemEvent('response.output_item.added', item);
  }

  private done(item: Fields): Fields {
    return this.itemEvent('response.output_item.done', item);
  }

  private itemEvent(type: string, item: Fields): Fields {
    return { type, item, output_index: this.index, sequence_number: this.sequence++ };
  }

  private progress(type: string, item_id: string): Fields {
    return { type, item_id, output_index: this.index, sequence_number: this.sequence++ };
  }

  private contentPart(step: 'added' | 'done', item_id: string, part: Fields): Fields {
    return {
      type: `response.content_part.${step}`,
      content_index: 0,
      item_id,
      output_index: this.index,
      part,
      sequence_number: this.sequence++,
    };
  }

  private textDelta(item_id: string, delta: string): Fields {
    return {
      type: 'response.output_text.delta',
      content_index: 0,
      delta,
      item_id,
      logprobs: [],
      obfuscation: this.padding(),
      output_index: this.index,
      sequence_number: this.sequence++,
    };
  }

  /** Splits text into parts the size of tokens, anywhere except inside a character. */
  private *pieces(text: string): Generator<string> {
    let piece = '';
    let left = this.turn.cuts.between(2, 9);
    for (const character of text) {
      piece += character;
      if (--left > 0) continue;
      yield piece;
      piece = '';
      left = this.turn.cuts.between(2, 9);
    }
    if (piece !== '') yield piece;
  }

  private padding(): string {
    return this.turn.cuts.letters(this.turn.cuts.between(1, 16));
  }

  private id(prefix: string): string {
    return `${prefix}_${this.turn.ids.hex(32)}`;
  }
}

function messageItem(id: string, status: string, content: Fields[], phase: string): Fields {
  return { id, type: 'message', status, content, phase, role: 'assistant' };
}

function textPart(text: string, annotations: Fields[]): Fields {
  return { type: 'output_text', annotations, logprobs: [], text };
}
