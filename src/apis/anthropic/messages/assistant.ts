// One assistant message as input items in the order of its blocks: runs of text as
// messages, thinking as the reasoning its signature carries, `tool_use` as calls.
import type { InputItem } from '../../../responses/request.ts';
import type { OutputTextPart } from '../../../responses/response.ts';
import type { Drops } from '../check.ts';
import type { Calls } from './calls.ts';
import { type Block, leftOut, saidIn } from './content.ts';
import { foreignText, isFfmpegOnly, searchQueries, searchText } from './server-history.ts';
import { reasoningOf } from './signature.ts';

export interface AssistantMessage {
  items: InputItem[];
  /** It said something. */
  said: boolean;
}

export function readAssistant(blocks: Block[], calls: Calls, drops: Drops): AssistantMessage {
  const reader = new AssistantReader(calls, drops);
  const queries = searchQueries(blocks);
  const lastText = blocks.findLastIndex(({ type }) => type === 'text');
  for (const [index, block] of blocks.entries()) {
    // A text that follows a search already tells what was found.
    const untold = block.type === 'web_search_tool_result' && index > lastText;
    if (untold) reader.say(searchText(block.fields, queries.get(block.fields.tool_use_id) ?? ''));
    else reader.read(block);
  }
  return reader.finish();
}

class AssistantReader {
  readonly #items: InputItem[] = [];
  #text: OutputTextPart[] = [];
  #said = false;

  constructor(
    private readonly calls: Calls,
    private readonly drops: Drops,
  ) {}

  say(text: string): void {
    if (text !== '') this.#text.push({ type: 'output_text', text });
  }

  read(block: Block): void {
    const { type, fields, path } = block;
    switch (type) {
      case 'text':
        this.say(saidIn(block));
        return;
      case 'thinking':
        this.#reason(fields.signature);
        return;
      case 'redacted_thinking':
        this.#reason(fields.data);
        return;
      case 'tool_use':
        this.#push(this.calls.make(fields, path));
        return;
      case 'tool_result': // some clients keep a call and its result in one message
        this.#push(this.calls.answer(fields, path));
        return;
      case 'server_tool_use':
      case 'web_search_tool_result':
      case 'fallback':
        return;
      default:
        if (isFfmpegOnly(type)) this.say(foreignText(fields));
        else leftOut(block, this.drops);
    }
  }

  finish(): AssistantMessage {
    this.#endText();
    return { items: this.#items, said: this.#said };
  }

  /** Somebody else's thinking is left out: the upstream would refuse it. */
  #reason(signature: unknown): void {
    const item = reasoningOf(signature);
    if (item !== undefined) this.#push(item);
  }

  #push(item: InputItem): void {
    this.#endText();
    this.#items.push(item);
  }

  #endText(): void {
    if (this.#text.length === 0) return;
    this.#said = true;
    this.#items.push({ type: 'message', role: 'assistant', content: this.#text });
    this.#text = [];
  }
}
