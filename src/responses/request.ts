// A turn's request in the upstream's vocabulary: a Responses request without the upstream's peculiarities.
// Rules: docs/wire/openai.md#responses-fields and docs/wire/upstream.md#body. `upstream/request.ts` adds what the upstream
// requires.
import type { OutputTextPart, RefusalPart } from './response.ts';

export interface InputText {
  type: 'input_text';
  text: string;
}
export interface InputImage {
  type: 'input_image';
  /** https URL or base64 data URL. */
  image_url: string;
  detail?: string;
}
export interface InputFile {
  type: 'input_file';
  filename?: string;
  /** Base64 data URL. */
  file_data?: string;
  file_url?: string;
}
export type InputPart = InputText | InputImage | InputFile;

export interface InputMessage {
  type: 'message';
  role: 'user' | 'developer' | 'assistant';
  content: (InputPart | OutputTextPart | RefusalPart)[];
  phase?: string;
}
export interface InputReasoning {
  type: 'reasoning';
  summary: { type: 'summary_text'; text: string }[];
  encrypted_content: string;
}
/** Reasoning that a client refers to by id. It never goes upstream, which does not store items. */
export interface ReasoningReference {
  type: 'item_reference';
  id: string;
  /** Where it is in the client's request. */
  param: string;
}
export interface InputFunctionCall {
  type: 'function_call';
  call_id: string;
  name: string;
  /** JSON text, byte for byte as the model or the client wrote it. */
  arguments: string;
  namespace?: string;
}
export interface FunctionCallOutput {
  type: 'function_call_output';
  call_id: string;
  output: string | InputPart[];
}
export interface InputCustomToolCall {
  type: 'custom_tool_call';
  call_id: string;
  name: string;
  input: string;
  namespace?: string;
}
export interface CustomToolCallOutput {
  type: 'custom_tool_call_output';
  call_id: string;
  output: string | InputPart[];
}
/** Our own: marks where these tools, the last ones in `tools`, were loaded. `upstream/loaded-tools.ts` replaces it. */
export interface LoadedTools {
  type: 'loaded_tools';
  names: string[];
}
/** Any other item type: passed on unchanged. */
export interface OpaqueInputItem {
  type: string & {};
  [key: string]: unknown;
}
export type InputItem =
  | InputMessage
  | InputReasoning
  | ReasoningReference
  | InputFunctionCall
  | FunctionCallOutput
  | InputCustomToolCall
  | CustomToolCallOutput
  | LoadedTools
  | OpaqueInputItem;

export interface FunctionTool {
  type: 'function';
  name: string;
  description?: string;
  parameters?: unknown;
  /** The upstream's default is true, so APIs whose default is false must set it. */
  strict?: boolean;
}
export interface CustomTool {
  type: 'custom';
  name: string;
  description?: string;
  format?: unknown;
}
/** Hosted tools (`web_search`, `image_generation`), `namespace` groups and whatever else passes through. */
export interface OpaqueTool {
  type: string & {};
  [key: string]: unknown;
}
export type Tool = FunctionTool | CustomTool | OpaqueTool;

export type ToolChoice = 'none' | 'auto' | 'required' | { type: string; [key: string]: unknown };

export interface TextOptions {
  format?: { type: string; [key: string]: unknown };
  verbosity?: string;
}

/** A value of `include`: the pages that a web search found. */
export const searchSources = 'web_search_call.action.sources';

export interface ResponsesRequest {
  /** As the client named it until the model is resolved, then the catalogue's slug. */
  model: string;
  instructions?: string;
  input: InputItem[];
  tools?: Tool[];
  tool_choice?: ToolChoice;
  parallel_tool_calls?: boolean;
  reasoning?: { effort?: string; summary?: string; context?: string };
  text?: TextOptions;
  include?: string[];
  prompt_cache_key?: string;
  service_tier?: string;
  client_metadata?: Record<string, string>;
  stream_options?: { reasoning_summary_delivery?: string };
  access_programs?: unknown;
}

/** A part of a request that is ignored. `field` in the client's own terms, `why` in one sentence. */
export interface Dropped {
  field: string;
  why: string;
  /** Ignoring it does not change the answer. */
  hint?: true;
}
