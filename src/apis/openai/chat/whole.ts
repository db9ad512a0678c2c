// A whole chat.completion (docs/wire/openai.md#chat-object, #one-message): what the encoder of stream.ts makes of the same turn.

import type { ResponsesResponse } from '../../../responses/response.ts';
import { emitEvents } from '../../../responses/response-events.ts';
import { completionIdentity } from './answer.ts';
import { chatUsage } from './finish.ts';
import type { CallKey, ChatOutput, TextOutput } from './frames.ts';
import { ChatEncoder } from './stream.ts';
import type {
  ChatCompletion,
  ChatMessage,
  ChatTranslation,
  FinishReason,
  ReasoningFields,
  ToolCall,
  UrlCitation,
} from './types.ts';

export function chatCompletion(response: ResponsesResponse, translation: ChatTranslation): ChatCompletion {
  const output = new WholeOutput(translation);
  const encoder = new ChatEncoder(translation, () => output);
  emitEvents(response, (event) => encoder.push(event));
  const { id, created } = completionIdentity(response);
  return {
    id,
    object: 'chat.completion',
    created,
    model: translation.model,
    choices: [{ index: 0, message: output.message(), logprobs: null, finish_reason: output.reason }],
    ...(response.usage ? { usage: chatUsage(response.usage) } : {}),
    ...(typeof response.service_tier === 'string' ? { service_tier: response.service_tier } : {}),
  };
}

/** A text of the message. */
class WholeText implements TextOutput {
  text = '';

  around(json: string): string {
    return this.of(JSON.parse(json) as string);
  }

  of(text: string): string {
    this.text += text;
    return '';
  }
}

interface Call {
  id: string;
  key: CallKey;
  name: string;
  input: WholeText;
}

function toolCall({ id, key, name, input: { text } }: Call): ToolCall {
  return key === 'function'
    ? { id, type: key, function: { name, arguments: text } }
    : { id, type: key, custom: { name, input: text } };
}

class WholeOutput implements ChatOutput {
  readonly content = new WholeText();
  readonly refusal = new WholeText();
  reason: FinishReason = 'stop';
  readonly #reasoning = new WholeText();
  readonly #calls: Call[] = [];
  #annotations: UrlCitation[] = [];

  constructor(private readonly translation: ChatTranslation) {}

  reasoning(): WholeText {
    return this.#reasoning;
  }

  call(index: number, id: string, key: CallKey, name: string): string {
    this.#calls[index] = { id, key, name, input: new WholeText() };
    return '';
  }

  callText(index: number): WholeText {
    return (this.#calls[index] as Call).input;
  }

  annotations(annotations: UrlCitation[]): string {
    this.#annotations = annotations;
    return '';
  }

  finish(reason: FinishReason): string {
    this.reason = reason;
    return '';
  }

  opening = () => '';
  fail = () => '';
  heartbeat = () => '';

  message(): ChatMessage {
    const [content, refusal] = [this.content.text, this.refusal.text];
    const isSilent = content === '' && (this.#calls.length > 0 || refusal !== '');
    const message: ChatMessage = {
      role: 'assistant',
      content: isSilent ? null : content,
      ...this.#reasoningFields(),
      refusal: refusal === '' ? null : refusal,
      annotations: this.#annotations,
    };
    const [first] = this.#calls;
    if (first === undefined) return message;
    if (!this.translation.legacyFunctions) return { ...message, tool_calls: this.#calls.map(toolCall) };
    return { ...message, function_call: { name: first.name, arguments: first.input.text } };
  }

  #reasoningFields(): ReasoningFields {
    const { text } = this.#reasoning;
    if (text === '') return {};
    if (this.translation.reasoningStyle === 'o3') {
      return { reasoning: { content: [{ type: 'text', text }] } };
    }
    return { reasoning_content: text, reasoning: text };
  }
}
