// Wire types of POST /v1/messages (https://docs.claude.com/en/api/messages), and the request data that its responses need.
import type { Translation } from '../../../responses/translator.ts';
import type { ToolNames } from '../../tool-names.ts';

/** Thinking blocks in the response: none, without text, or complete. */
export type ThinkingDisplay = 'hidden' | 'omitted' | 'shown';

export interface MessagesTranslation extends Translation {
  /** The answer's id, created with the request so that `message_start` need not wait for the upstream. */
  id: string;
  /** For the error event of a stream. */
  requestId: string | null;
  toolNames: ToolNames;
  /** Texts at which codexd ends the answer, since the upstream has no such option. */
  stopSequences: string[];
  thinking: ThinkingDisplay;
  speed: 'standard' | 'fast' | null;
  /** The request has `context_management` and its beta header, so the response contains an empty list of applied edits. */
  reportsEdits: boolean;
}

export type StopReason = 'end_turn' | 'tool_use' | 'stop_sequence' | 'max_tokens' | 'refusal';

export interface Ending {
  stop_reason: StopReason;
  stop_sequence: string | null;
  stop_details: { type: 'refusal'; category: null; explanation: string } | null;
}

/** The usage in `message_delta`; a whole message contains more. */
export interface MessagesUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  output_tokens: number;
  output_tokens_details: { thinking_tokens: number };
  server_tool_use: { web_search_requests: number; web_fetch_requests: number } | null;
}

export interface Citation {
  type: 'web_search_result_location';
  url: string;
  title: string;
  cited_text: string;
  encrypted_index: string;
}

export interface ToolCaller {
  type: 'direct';
}

/** `citations` is omitted if empty: the AI SDK rejects `null`. */
export interface TextBlock {
  type: 'text';
  text: string;
  citations?: Citation[];
}
export interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  /** Empty if there is no encrypted reasoning. */
  signature: string;
}
export interface ToolUseBlock {
  type: 'tool_use';
  id: string;
  name: string;
  input: Record<string, unknown>;
  caller: ToolCaller;
}
export interface ServerToolUseBlock {
  type: 'server_tool_use';
  id: string;
  name: 'web_search';
  input: { query?: string };
  caller: ToolCaller;
}
export interface WebSearchResult {
  type: 'web_search_result';
  url: string;
  title: string;
  encrypted_content: string;
  page_age: null;
}
export interface WebSearchResultBlock {
  type: 'web_search_tool_result';
  tool_use_id: string;
  caller: ToolCaller;
  content: WebSearchResult[] | { type: 'web_search_tool_result_error'; error_code: 'unavailable' };
}
export type Block = TextBlock | ThinkingBlock | ToolUseBlock | ServerToolUseBlock | WebSearchResultBlock;

/** The ending of a message that has just begun. */
type NoEnding = { [key in keyof Ending]: null };

export type Message = (Ending | NoEnding) & {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: Block[];
  container: null;
  diagnostics: null;
  usage: MessagesUsage & {
    cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
    service_tier: 'standard';
    speed: MessagesTranslation['speed'];
    inference_geo: null;
  };
  context_management?: { applied_edits: [] };
};
