// A step of an agent: one answer that calls tools, with its reasoning before the text or the calls.
import type { OutputItemEvent, ResponsesEvent } from '../responses/event.ts';
import type {
  InputCustomToolCall,
  InputFunctionCall,
  InputItem,
  InputMessage,
  InputReasoning,
} from '../responses/request.ts';
import { hasType, type OutputItem } from '../responses/response.ts';

export interface Step {
  /** The reasoning before the text, which precedes the calls. */
  beforeText: InputReasoning[];
  /** In order. `before`: the reasoning directly before the call. */
  calls: { id: string; name: string; before: InputReasoning[] }[];
  /** All its reasoning, by the upstream's ids. */
  byId: Map<string, InputReasoning>;
}

export type CallItem = InputFunctionCall | InputCustomToolCall;

export function isCall(item: InputItem): item is CallItem {
  return item.type === 'function_call' || item.type === 'custom_tool_call';
}

export function stepOf(output: readonly OutputItem[]): Step {
  const step: Step = { beforeText: [], calls: [], byId: new Map() };
  let waiting: InputReasoning[] = [];
  for (const item of output) {
    if (hasType(item, 'reasoning') && item.encrypted_content) {
      const reasoning = reasoningItem(item.encrypted_content);
      waiting.push(reasoning);
      step.byId.set(item.id, reasoning);
    } else if (hasType(item, 'message') && step.calls.length === 0) {
      step.beforeText.push(...waiting);
      waiting = [];
    } else if (hasType(item, 'function_call') || hasType(item, 'custom_tool_call')) {
      step.calls.push({ id: item.call_id, name: item.name, before: waiting });
      waiting = [];
    }
  }
  return step;
}

/** Without id and summary, like the reasoning in Anthropic signatures: the prompt cache depends on the exact prefix. */
function reasoningItem(encrypted_content: string): InputReasoning {
  return { type: 'reasoning', summary: [], encrypted_content };
}

/** Collects the items of an answer from its events, and passes them to `onComplete`. */
export function collectOutput(onComplete: (output: OutputItem[]) => void): (event: ResponsesEvent) => void {
  let output: OutputItem[] = [];
  return (event) => {
    // Earlier items belong to a failed attempt.
    if (event.type === 'response.created') output = [];
    else if (event.type === 'response.output_item.done')
      output.push(withoutText((event as OutputItemEvent).item));
    else if (event.type === 'response.completed') onComplete(output);
  };
}

/** Texts may be long; a step only needs to know that there was one. */
function withoutText(item: OutputItem): OutputItem {
  return hasType(item, 'message') ? { ...item, content: [] } : item;
}

/** `run`: the assistant's consecutive messages, reasoning and calls. */
export type ConversationPart = { user: InputMessage } | { run: InputItem[] };

/** The assistant's runs and the user's messages, in order. */
export function* splitConversation(input: readonly InputItem[]): Generator<ConversationPart> {
  let run: InputItem[] = [];
  for (const item of input) {
    if (isFromAssistant(item)) {
      run.push(item);
      continue;
    }
    if (run.length > 0) yield { run };
    run = [];
    if (isMessage(item) && item.role === 'user') yield { user: item };
  }
  if (run.length > 0) yield { run };
}

function isFromAssistant(item: InputItem): boolean {
  return isCall(item) || item.type === 'reasoning' || (isMessage(item) && item.role === 'assistant');
}

function isMessage(item: InputItem): item is InputMessage {
  return item.type === 'message';
}
