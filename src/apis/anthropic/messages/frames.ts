// The frames of a Messages stream. Everything around a delta stays the same while its block is open, so each block has a
// template (bench/RESULTS.md has measurements).
import { type Framing, framed } from '../../../stream/framing.ts';
import type { Block, Citation, Ending, Message, MessagesUsage } from './types.ts';

export type TextDelta = 'text_delta' | 'thinking_delta' | 'input_json_delta' | 'signature_delta';

const keys: Record<TextDelta, string> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  input_json_delta: 'partial_json',
  signature_delta: 'signature',
};

/** What text and arguments are put into while a block is open. */
export class DeltaTemplate {
  constructor(
    private readonly before: string,
    private readonly after: string,
  ) {}

  /** `json`: a JSON string literal, quotes included. */
  around(json: string): string {
    return this.before + json + this.after;
  }

  of(text: string): string {
    return this.around(JSON.stringify(text));
  }
}

export class Frames {
  readonly ping: string;

  constructor(private readonly framing: Framing) {
    this.ping = this.event({ type: 'ping' });
  }

  delta(index: number, type: TextDelta): DeltaTemplate {
    const event = `{"type":"content_block_delta","index":${index},"delta":{"type":"${type}","${keys[type]}":`;
    return new DeltaTemplate(this.framing.before('content_block_delta') + event, `}}${this.framing.after}`);
  }

  messageStart(message: Message): string {
    return this.event({ type: 'message_start', message });
  }

  /** `content_block`: empty, or complete if it has no deltas. */
  blockStart(index: number, content_block: Block): string {
    return this.event({ type: 'content_block_start', index, content_block });
  }

  citationsDelta(index: number, citation: Citation): string {
    return this.event({ type: 'content_block_delta', index, delta: { type: 'citations_delta', citation } });
  }

  blockStop(index: number): string {
    return this.event({ type: 'content_block_stop', index });
  }

  /** `edits`: the response includes `context_management`. */
  messageEnd(ending: Ending, usage: MessagesUsage, edits: boolean): string {
    const management = edits ? { context_management: { applied_edits: [] } } : {};
    const delta = { ...ending, container: null };
    return (
      this.event({ type: 'message_delta', delta, usage, ...management }) +
      this.event({ type: 'message_stop' })
    );
  }

  /** With its name: the SDKs skip events without one. */
  event(event: { type: string; [key: string]: unknown }): string {
    return framed(this.framing, event.type, event);
  }
}
