// Encodes a whole chat.completion (docs/wire/openai.md#chat-object, #one-message), equivalent to the stream of
// stream.ts.
import {
  type CustomToolCall,
  type FunctionCall,
  hasType,
  type OutputItem,
  type OutputMessage,
  type ReasoningItem,
  type ResponsesResponse,
} from '../../../responses/response.ts';
import { StopScanner } from '../../stop.ts';
import {
  Citations,
  completionIdentity,
  isBlankSummary,
  paragraphBreak,
  thinkClose,
  thinkOpen,
} from './answer.ts';
import { chatUsage, finishReason, isTruncatedCall } from './finish.ts';
import type { ChatCompletion, ChatMessage, ChatTranslation, ReasoningFields, ToolCall } from './types.ts';

export function chatCompletion(response: ResponsesResponse, translation: ChatTranslation): ChatCompletion {
  const answer = new Answer(translation);
  for (const item of response.output ?? []) answer.add(item);
  const { message, cut, calls } = answer.finish();
  const ending = cut ? { status: 'completed' } : response;
  const { id, created } = completionIdentity(response);
  return {
    id,
    object: 'chat.completion',
    created,
    model: translation.model,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        finish_reason: finishReason(ending, calls, translation.legacyFunctions),
      },
    ],
    ...(response.usage ? { usage: chatUsage(response.usage) } : {}),
    ...(typeof response.service_tier === 'string' ? { service_tier: response.service_tier } : {}),
  };
}

/** Collects the message, up to a stop text. */
class Answer {
  #content = '';
  #hasText = false;
  #refusal = '';
  #reasoning = '';
  readonly #toolCalls: ToolCall[] = [];
  readonly #calls = { count: 0, truncated: false };
  readonly #citations = new Citations();
  readonly #scanner: StopScanner | undefined;
  /** As in the stream, think tags come before everything else. */
  #thinkingOver = false;

  constructor(private readonly translation: ChatTranslation) {
    if (translation.stop.length > 0) this.#scanner = new StopScanner(translation.stop);
  }

  add(item: OutputItem): void {
    if (this.#cut) return;
    if (hasType(item, 'message')) this.#message(item);
    else if (hasType(item, 'reasoning')) this.#reason(item);
    else if (hasType(item, 'function_call') || hasType(item, 'custom_tool_call')) this.#call(item);
  }

  finish() {
    this.#begin();
    this.#content += this.#scanner?.flush() ?? '';
    return { message: this.#wholeMessage(), cut: this.#cut, calls: this.#calls };
  }

  get #cut(): boolean {
    return this.#scanner?.matched !== undefined;
  }

  #message(item: OutputMessage): void {
    for (const part of item.content) {
      if (part.type === 'refusal') this.#refuse(part.refusal);
      else if (part.type === 'output_text') this.#text(part.text);
      if (this.#cut) return;
    }
    this.#citations.add(item);
  }

  #text(text: string): void {
    if (text === '') return;
    this.#begin();
    const paragraph = this.#hasText ? paragraphBreak + text : text;
    this.#hasText = true;
    this.#content += this.#scanner === undefined ? paragraph : this.#scanner.push(paragraph);
  }

  #refuse(text: string): void {
    if (text === '') return;
    this.#begin();
    this.#content += this.#scanner?.flush() ?? '';
    this.#refusal = joined(this.#refusal, text);
  }

  #reason(item: ReasoningItem): void {
    const raw = (item.content ?? []).flatMap((part) => (part.type === 'reasoning_text' ? part.text : []));
    for (const text of [...item.summary.map((part) => part.text), ...raw]) {
      const shown = !isBlankSummary(text) && !(this.#tagged && this.#thinkingOver);
      if (shown) this.#reasoning = joined(this.#reasoning, text);
    }
  }

  #call(item: FunctionCall | CustomToolCall): void {
    const { legacyFunctions, toolNames } = this.translation;
    if (legacyFunctions && (this.#calls.count > 0 || item.type !== 'function_call')) return;
    this.#begin();
    this.#content += this.#scanner?.flush() ?? '';
    this.#calls.count++;
    this.#calls.truncated ||= isTruncatedCall(item);
    const name = toolNames.client(item.name);
    this.#toolCalls.push(
      item.type === 'function_call'
        ? { id: item.call_id, type: 'function', function: { name, arguments: item.arguments } }
        : { id: item.call_id, type: 'custom', custom: { name, input: item.input } },
    );
  }

  /** Called before the first content of the answer: puts the reasoning so far into think tags if the style requires it. */
  #begin(): void {
    if (this.#thinkingOver) return;
    this.#thinkingOver = true;
    if (!this.#tagged || this.#reasoning === '') return;
    this.#content = thinkOpen + this.#reasoning + thinkClose;
    this.#citations.skip(this.#content.length);
  }

  get #tagged(): boolean {
    return this.translation.reasoningStyle === 'think-tags';
  }

  #wholeMessage(): ChatMessage {
    const silent = this.#content === '' && (this.#calls.count > 0 || this.#refusal !== '');
    const message: ChatMessage = {
      role: 'assistant',
      content: silent ? null : this.#content,
      ...this.#reasoningFields(),
      refusal: this.#refusal === '' ? null : this.#refusal,
      annotations: this.#citations.found,
    };
    if (this.#calls.count === 0) return message;
    if (!this.translation.legacyFunctions) return { ...message, tool_calls: this.#toolCalls };
    const [call] = this.#toolCalls;
    return call?.type === 'function' ? { ...message, function_call: call.function } : message;
  }

  #reasoningFields(): ReasoningFields {
    const text = this.#reasoning;
    if (text === '') return {};
    switch (this.translation.reasoningStyle) {
      case 'reasoning_content':
        return { reasoning_content: text, reasoning: text };
      case 'o3':
        return { reasoning: { content: [{ type: 'text', text }] } };
      case 'think-tags':
      case 'none':
        return {};
    }
  }
}

function joined(before: string, text: string): string {
  return before === '' ? text : before + paragraphBreak + text;
}
