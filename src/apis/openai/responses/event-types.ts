// The events of the public API (docs/wire/openai.md#responses-events). openai-node throws for any other type, so only Codex
// clients receive those.
const families: Record<string, string[]> = {
  'response.output_text': ['done'],
  'response.output_text.annotation': ['added'],
  'response.refusal': ['done'],
  'response.reasoning_summary_part': ['added', 'done'],
  'response.reasoning_summary_text': ['done'],
  'response.reasoning_text': ['done'],
  'response.function_call_arguments': ['done'],
  'response.custom_tool_call_input': ['done'],
  'response.mcp_call_arguments': ['delta', 'done'],
  'response.mcp_call': ['in_progress', 'completed', 'failed'],
  'response.mcp_list_tools': ['in_progress', 'completed', 'failed'],
  'response.web_search_call': ['in_progress', 'searching', 'completed'],
  'response.file_search_call': ['in_progress', 'searching', 'completed'],
  'response.image_generation_call': ['in_progress', 'generating', 'partial_image', 'completed'],
  'response.code_interpreter_call': ['in_progress', 'interpreting', 'completed'],
  'response.code_interpreter_call_code': ['delta', 'done'],
  'response.shell_call_command': ['added', 'delta', 'done'],
  'response.shell_call_output_content': ['delta', 'done'],
  'response.compaction': ['compacting'],
  'response.audio': ['delta', 'done'],
  'response.audio.transcript': ['delta', 'done'],
};

/** The events that are forwarded unchanged; the others are translated. */
export const publicEvents: ReadonlySet<string> = new Set(
  Object.entries(families).flatMap(([family, acts]) => acts.map((act) => `${family}.${act}`)),
);
