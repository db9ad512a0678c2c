// Translates an assistant message to input items, in the order of its blocks: text to messages, thinking to the reasoning in
// its signature, `tool_use` to calls.
import type { InputItem } from '../../../responses/request.ts';
import type { OutputTextPart } from '../../../responses/response.ts';
import type { DroppedFields } from '../check.ts';
import type { Calls } from './calls.ts';
import { type Block, blockText, omit } from './content.ts';
import { foreignText, isForeignResult, searchQueries, searchText } from './server-history.ts';
import { reasoningOf } from './signature.ts';

export interface AssistantMessage {
  items: InputItem[];
  hasText: boolean;
}

export function readAssistant(blocks: Block[], calls: Calls, drops: DroppedFields): AssistantMessage {
  const reader = new AssistantReader(calls, drops);
  const queries = searchQueries(blocks);
  const lastText = blocks.findLastIndex(({ type }) => type === 'text');
  for (const [index, block] of blocks.entries()) {
    // Text after a search already contains what the search found.
    const isUnused = block.type === 'web_search_tool_result' && index > lastText;
    if (isUnused) reader.addText(searchText(block.fields, queries.get(block.fields.tool_use_id) ?? ''));
    else reader.read(block);
  }
  return reader.finish();
}

class AssistantReader {
  readonly #items: InputItem[] = [];
  #text: OutputTextPart[] = [];
  #hasText = false;

  constructor(
    private readonly calls: Calls,
    private readonly drops: DroppedFields,
  ) {}

  addText(text: string): void {
    if (text !== '') this.#text.push({ type: 'output_text', text });
  }

  read(block: Block): void {
    const { type, fields, path } = block;
    switch (type) {
      case 'text':
        this.addText(blockText(block));
        return;
      case 'thinking':
        this.#addReasoning(fields.signature);
        return;
      case 'redacted_thinking':
        this.#addReasoning(fields.data);
        return;
      case 'tool_use':
        this.#push(this.calls.add(fields, path));
        return;
      case 'tool_result': // some clients send a call and its result in one message
        this.#push(this.calls.addResult(fields, path));
        return;
      case 'server_tool_use':
      case 'web_search_tool_result':
      case 'fallback':
        return;
      default:
        if (isForeignResult(type)) this.addText(foreignText(fields));
        else omit(block, this.drops);
    }
  }

  finish(): AssistantMessage {
    this.#endText();
    return { items: this.#items, hasText: this.#hasText };
  }

  /** Thinking of other vendors' models is omitted, because the upstream would refuse it. */
  #addReasoning(signature: unknown): void {
    const item = reasoningOf(signature);
    if (item !== undefined) this.#push(item);
  }

  #push(item: InputItem): void {
    this.#endText();
    this.#items.push(item);
  }

  #endText(): void {
    if (this.#text.length === 0) return;
    this.#hasText = true;
    this.#items.push({ type: 'message', role: 'assistant', content: this.#text });
    this.#text = [];
  }
}
