// Encodes a whole message, equivalent to the stream of stream.ts.
import { isObject, parsed } from '../../../responses/fields.ts';
import {
  type FunctionCall,
  hasType,
  type OutputItem,
  type OutputMessage,
  type OutputPart,
  type ReasoningItem,
  type ResponsesResponse,
} from '../../../responses/response.ts';
import { StopScanner } from '../../stop.ts';
import { messageObject, paragraphBreak, refusalOf } from './answer.ts';
import { emptySummary, endingOf } from './finish.ts';
import { signatureOf } from './signature.ts';
import type { Block, Message, MessagesTranslation, ToolUseBlock } from './types.ts';
import { citationsOf, lacksSources, type SearchBlocks, searchBlocks, withCitations } from './web-search.ts';

export function wholeMessage(response: ResponsesResponse, translation: MessagesTranslation): Message {
  const answer = new Answer(translation);
  for (const item of response.output ?? []) answer.add(item);
  answer.end();
  const { content, summary } = answer;
  return messageObject(translation, {
    content,
    ending: endingOf(response, summary),
    usage: response.usage,
    searches: summary.searches,
  });
}

/** Collects the blocks, up to a stop sequence. */
class Answer {
  readonly content: Block[] = [];
  readonly summary = emptySummary();
  /** Searches that wait for a message with citations. */
  #unsourced: SearchBlocks[] = [];

  constructor(private readonly translation: MessagesTranslation) {}

  add(item: OutputItem): void {
    if (this.summary.stop !== undefined) return;
    if (hasType(item, 'message')) this.#message(item);
    else if (hasType(item, 'reasoning')) this.#reasoning(item);
    else if (hasType(item, 'function_call')) this.#call(item);
    else this.#search(item);
  }

  end(): void {
    this.content.push(...this.#unsourced.flat());
  }

  #message(item: OutputMessage): void {
    const text = this.#untilStop(joined(item.content.flatMap(textOf)));
    if (this.summary.stop === undefined) this.summary.refusal ??= refusalOf(item);
    if (text === '') return;
    const citations = this.summary.searches > 0 && this.summary.stop === undefined ? citationsOf(item) : [];
    this.content.push({ type: 'text', text, ...(citations.length === 0 ? {} : { citations }) });
    if (citations.length === 0) return;
    this.content.push(...withCitations(this.#unsourced, item).flat());
    this.#unsourced = [];
  }

  #untilStop(text: string): string {
    const { stopSequences } = this.translation;
    if (stopSequences.length === 0 || this.summary.calls > 0) return text;
    const scanner = new StopScanner(stopSequences);
    const visible = scanner.push(text);
    this.summary.stop = scanner.matched;
    return visible + scanner.flush();
  }

  #reasoning({ summary, content, encrypted_content }: ReasoningItem): void {
    const { thinking: display } = this.translation;
    if (display === 'hidden') return;
    const raw = (content ?? []).flatMap((part) => (part.type === 'reasoning_text' ? part.text : []));
    const thinking = display === 'shown' ? joined([...summary.map(({ text }) => text), ...raw]) : '';
    const signature = encrypted_content ? signatureOf(encrypted_content) : '';
    if (thinking !== '' || signature !== '') this.content.push({ type: 'thinking', thinking, signature });
  }

  #call({ call_id, name, arguments: given }: FunctionCall): void {
    this.summary.calls++;
    this.content.push({
      type: 'tool_use',
      id: call_id,
      name: this.translation.toolNames.client(name),
      input: inputOf(given),
      caller: { type: 'direct' },
    });
  }

  #search(item: OutputItem): void {
    const blocks = searchBlocks(item);
    if (blocks === undefined) return;
    this.summary.searches++;
    if (lacksSources(blocks)) this.#unsourced.push(blocks);
    else this.content.push(...blocks);
  }
}

function textOf(part: OutputPart): string | [] {
  if (part.type === 'refusal') return part.refusal;
  return part.type === 'output_text' ? part.text : [];
}

function joined(texts: string[]): string {
  return texts.filter((text) => text !== '').join(paragraphBreak);
}

/** Always an object: invalid JSON becomes an empty one, which the client reports to the model as invalid input. */
function inputOf(given: string): ToolUseBlock['input'] {
  const input = parsed(given);
  return isObject(input) ? input : {};
}
