// A finished answer in the upstream's format (docs/wire/openai.md#response-fields).

export interface OutputTextPart {
  type: 'output_text';
  text: string;
  annotations?: { type: string; [key: string]: unknown }[];
  logprobs?: unknown[];
}
export interface RefusalPart {
  type: 'refusal';
  refusal: string;
}
export interface ReasoningTextPart {
  type: 'reasoning_text';
  text: string;
}
export type OutputPart = OutputTextPart | RefusalPart | ReasoningTextPart;
export interface SummaryPart {
  type: 'summary_text';
  text: string;
}

export interface OutputMessage {
  type: 'message';
  id: string;
  role: 'assistant';
  status?: string;
  phase?: string;
  content: OutputPart[];
}
export interface ReasoningItem {
  type: 'reasoning';
  id: string;
  status?: string;
  summary: SummaryPart[];
  content?: OutputPart[];
  encrypted_content?: string;
}
export interface FunctionCall {
  type: 'function_call';
  id: string;
  status?: string;
  call_id: string;
  name: string;
  arguments: string;
  namespace?: string;
}
export interface CustomToolCall {
  type: 'custom_tool_call';
  id: string;
  status?: string;
  call_id: string;
  name: string;
  input: string;
  namespace?: string;
}
/** `web_search_call`, `image_generation_call`, `compaction` and any other items of the upstream. */
export interface OpaqueOutputItem {
  type: string & { readonly other?: never };
  id: string;
  status?: string;
  [key: string]: unknown;
}
export type CoreOutputItem = OutputMessage | ReasoningItem | FunctionCall | CustomToolCall;
export type OutputItem = CoreOutputItem | OpaqueOutputItem;

/** Narrows an item by its type. */
export function hasType<T extends CoreOutputItem['type']>(
  item: OutputItem,
  type: T,
): item is Extract<CoreOutputItem, { type: T }> {
  return item.type === type;
}

export interface Usage {
  input_tokens: number;
  input_tokens_details?: { cached_tokens?: number; cache_write_tokens?: number };
  output_tokens: number;
  output_tokens_details?: { reasoning_tokens?: number };
  total_tokens?: number;
}

/** The upstream's response object; keys that codexd does not name are kept. */
export interface ResponsesResponse {
  id: string;
  object?: 'response';
  /** Unix seconds; may come as a float. */
  created_at?: number;
  status?: string;
  model?: string;
  output?: OutputItem[];
  usage?: Usage | null;
  incomplete_details?: { reason?: string } | null;
  error?: { code?: string; message?: string; [key: string]: unknown } | null;
  service_tier?: string | null;
  [key: string]: unknown;
}

/** How a turn ended, and its usage. */
export type TurnEnd = Pick<ResponsesResponse, 'status' | 'incomplete_details' | 'usage'>;
