// A step of an agent: one answer that calls tools. What it reasoned, in its place before the text or the calls.
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
  /** The reasoning before the text that precedes the calls. */
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

/** Without id and summary, as the signature of Anthropic's clients carries it: the prompt cache follows the exact prefix. */
function reasoningItem(encrypted_content: string): InputReasoning {
  return { type: 'reasoning', summary: [], encrypted_content };
}

/** Collects the items of an answer from its events, and hands them over when it is complete. */
export function collectOutput(onComplete: (output: OutputItem[]) => void): (event: ResponsesEvent) => void {
  let output: OutputItem[] = [];
  return (event) => {
    // What came before is of an attempt that failed.
    if (event.type === 'response.created') output = [];
    else if (event.type === 'response.output_item.done')
      output.push(withoutText((event as OutputItemEvent).item));
    else if (event.type === 'response.completed') onComplete(output);
  };
}

/** Only that there was a text matters here, and it may be long. */
function withoutText(item: OutputItem): OutputItem {
  return hasType(item, 'message') ? { ...item, content: [] } : item;
}

/** `run`: what the assistant said, thought and called, up to the next message or result of others. */
export type Segment = { user: InputMessage } | { run: InputItem[] };

/** The runs of a conversation and the messages of the user, in order. */
export function* segmentsOf(input: readonly InputItem[]): Generator<Segment> {
  let run: InputItem[] = [];
  for (const item of input) {
    if (isOfAssistant(item)) {
      run.push(item);
      continue;
    }
    if (run.length > 0) yield { run };
    run = [];
    if (isMessage(item) && item.role === 'user') yield { user: item };
  }
  if (run.length > 0) yield { run };
}

function isOfAssistant(item: InputItem): boolean {
  return isCall(item) || item.type === 'reasoning' || (isMessage(item) && item.role === 'assistant');
}

function isMessage(item: InputItem): item is InputMessage {
  return item.type === 'message';
}
