// The frames of a Messages stream. Everything around a delta stays the same while its block is open, so each block has a
// template (bench/RESULTS.md has measurements).
import type { Block, Citation, Ending, Message, MessagesUsage } from './types.ts';

export type TextDelta = 'text_delta' | 'thinking_delta' | 'input_json_delta' | 'signature_delta';

const keys: Record<TextDelta, string> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
  signature_delta: 'signature',
};

export class DeltaTemplate {
  readonly #before: string;

  constructor(index: number, type: TextDelta) {
    const event = `{"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${keys[type]}":`;
    this.#before = `event: content_block_delta\ndata: ${event}`;
  }

  /** `json`: a JSON string literal, quotes included. */
  around(json: string): string {
    return `${this.#before}${json}}}\n\n`;
  }

  of(text: string): string {
    return this.around(JSON.stringify(text));
  }
}

export function messageStart(message: Message): string {
  return frame({ type: 'message_start', message });
}

/** `content_block`: empty, or complete if it has no deltas. */
export function blockStart(index: number, content_block: Block): string {
  return frame({ type: 'content_block_start', index, content_block });
}

export function citationsDelta(index: number, citation: Citation): string {
  return frame({ type: 'content_block_delta', index, delta: { type: 'citations_delta', citation } });
}

export function blockStop(index: number): string {
  return frame({ type: 'content_block_stop', index });
}

/** `edits`: the response includes `context_management`. */
export function messageEnd(ending: Ending, usage: MessagesUsage, edits: boolean): string {
  const management = edits ? { context_management: { applied_edits: [] } } : {};
  const delta = { ...ending, container: null };
  return frame({ type: 'message_delta', delta, usage, ...management }) + frame({ type: 'message_stop' });
}

/** Both lines are needed: the SDKs skip an event without its name. */
export function frame(event: { type: string; [key: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
