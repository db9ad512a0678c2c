// Wire types of POST /v1/chat/completions (https://platform.openai.com/docs/api-reference/chat), and the request data that
// its responses need.
import type { Fields } from '../../../responses/fields.ts';
import type { ReasoningStyle, Translation } from '../../../responses/translator.ts';
import type { ToolNames } from '../../tool-names.ts';

export interface ChatTranslation extends Translation {
  /** The stream ends with a usage chunk (`stream_options.include_usage`). */
  includeUsage: boolean;
  /** Texts at which codexd ends the answer, since the upstream has no such option. */
  stop: string[];
  /** The request uses `functions` of 2023 instead of `tools`, so the response has a single `function_call`. */
  legacyFunctions: boolean;
  toolNames: ToolNames;
  /** The request's own messages as items, without the conversation that it continues. */
  ownInput: Fields[];
  /** Never `think-tags` if the content must be JSON. */
  reasoningStyle: ReasoningStyle;
  keepalive: 'comment' | 'chunk';
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

export interface ChatUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; cache_write_tokens?: number; audio_tokens: number };
  completion_tokens_details: {
    reasoning_tokens: number;
    audio_tokens: number;
    accepted_prediction_tokens: number;
    rejected_prediction_tokens: number;
  };
}

export interface UrlCitation {
  type: 'url_citation';
  /** Indexes refer to the message's whole `content`. */
  url_citation: { url: string; title: string; start_index: number; end_index: number };
}

export type ToolCall =
  | { id: string; type: 'function'; function: { name: string; arguments: string } }
  | { id: string; type: 'custom'; custom: { name: string; input: string } };

/** Reasoning text in the style the request chose; think tags are part of `content`. */
export interface ReasoningFields {
  reasoning_content?: string;
  reasoning?: string | { content: { type: 'text'; text: string }[] };
}

export interface ChatMessage extends ReasoningFields {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  annotations: UrlCitation[];
  tool_calls?: ToolCall[];
  function_call?: { name: string; arguments: string };
}

export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  created: number;
  model: string;
  choices: [{ index: 0; message: ChatMessage; logprobs: null; finish_reason: FinishReason }];
  usage?: ChatUsage;
  service_tier?: string;
}
