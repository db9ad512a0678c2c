// Folds chat chunks like clients: for the twin test, and like openai-python's helper
// (`openai/openai-python:src/openai/lib/streaming/_deltas.py`), which is the strictest.
import { chatChunks, type Json } from './order.ts';

/** The stream as `openai-python` reads it: repeated strings are concatenated, and lists need indexes without gaps. */
export function foldAsPython(text: string): Json {
  return foldDeltas(deltasOf(text));
}

function deltasOf(text: string): Json[] {
  return chatChunks(text).flatMap(({ choices }) => (choices?.[0] ? [choices[0].delta] : []));
}

function foldDeltas(deltas: Json[]): Json {
  const message: Json = {};
  for (const delta of deltas) accumulate(message, delta);
  return message;
}

function accumulate(into: Json, delta: Json): void {
  for (const [key, value] of Object.entries(delta)) {
    const before = into[key];
    if (before === undefined || before === null || key === 'index' || key === 'type') into[key] = value;
    else if (typeof before === 'string' && typeof value === 'string') into[key] = before + value;
    else if (Array.isArray(before) && Array.isArray(value)) accumulateList(before, value);
    else if (typeof before === 'object' && typeof value === 'object') accumulate(before, value);
  }
}

function accumulateList(into: Json[], entries: Json[]): void {
  for (const entry of entries) {
    if (!Number.isInteger(entry.index))
      throw new Error(`a list entry without index: ${JSON.stringify(entry)}`);
    if (entry.index > into.length) throw new Error(`a hole before index ${entry.index}`);
    const before = into[entry.index];
    if (before === undefined) into.push(entry);
    else accumulate(before, entry);
  }
}

export interface Folded {
  message: Json;
  finishReason: string | undefined;
  usage: Json | undefined;
}

/** The stream as the message of a whole response. */
export function fold(text: string): Folded {
  const chunks = chatChunks(text);
  const deltas = deltasOf(text);
  const { tool_calls, content, ...message } = foldDeltas(deltas.map(withPlainReasoning));
  if (deltas.some(isO3)) message.reasoning = { content: [{ type: 'text', text: message.reasoning }] };
  const calls = tool_calls?.map(({ index: _, ...call }: Json) => call);
  const answered = calls !== undefined || message.function_call !== undefined || message.refusal !== null;
  return {
    message: {
      ...message,
      // The first chunk cannot know that no text will follow.
      content: content || (answered ? null : ''),
      annotations: message.annotations ?? [],
      ...(calls && { tool_calls: calls }),
    },
    finishReason: chunks.map(({ choices }) => choices?.[0]?.finish_reason).find((reason) => reason),
    usage: chunks.at(-1)?.usage ?? undefined,
  };
}

/** The objects of the o3 style have no index, so a general fold cannot join them. */
function withPlainReasoning(delta: Json): Json {
  return isO3(delta) ? { ...delta, reasoning: delta.reasoning.content[0].text } : delta;
}

function isO3({ reasoning }: Json): boolean {
  return typeof reasoning === 'object';
}
