// The kinds of part an output item streams, and the four events of each (docs/wire/upstream.md#events).
import type { DeltaType, ResponsesEvent } from './event.ts';
import type { OutputItem } from './response.ts';

export interface PartSpec {
  delta: DeltaType;
  done: string;
  /** The part's opening and closing event; calls have none. */
  opened: string | undefined;
  closed: string | undefined;
  /** Calls have one part and no index. */
  indexKey: 'content_index' | 'summary_index' | undefined;
  /** The member with the text in the `.done` event, in the part and (for calls) in the item. */
  textKey: 'text' | 'refusal' | 'arguments' | 'input';
  /** The item's member with the parts; undefined for calls, which contain their one text themselves. */
  listKey: 'content' | 'summary' | undefined;
  /** The only type of item with this part; undefined for parts of lists. */
  itemType: 'function_call' | 'custom_tool_call' | undefined;
  partType: string;
  /** Further members that readers expect in the part and in its `.done`. */
  extras: Record<string, unknown>;
  doneExtras: Record<string, unknown>;
}

function contentPart(
  name: 'output_text' | 'refusal' | 'reasoning_text',
  textKey: 'text' | 'refusal',
  extras: Record<string, unknown> = {},
  doneExtras: Record<string, unknown> = {},
): PartSpec {
  return {
    delta: `response.${name}.delta`,
    done: `response.${name}.done`,
    opened: 'response.content_part.added',
    closed: 'response.content_part.done',
    indexKey: 'content_index',
    textKey,
    listKey: 'content',
    itemType: undefined,
    partType: name,
    extras,
    doneExtras,
  };
}

function call(
  name: 'function_call_arguments' | 'custom_tool_call_input',
  itemType: 'function_call' | 'custom_tool_call',
  textKey: 'arguments' | 'input',
): PartSpec {
  return {
    delta: `response.${name}.delta`,
    done: `response.${name}.done`,
    opened: undefined,
    closed: undefined,
    indexKey: undefined,
    textKey,
    listKey: undefined,
    itemType,
    partType: name,
    extras: {},
    doneExtras: {},
  };
}

const outputText = contentPart('output_text', 'text', { annotations: [], logprobs: [] }, { logprobs: [] });
const refusal = contentPart('refusal', 'refusal');
const reasoningText = contentPart('reasoning_text', 'text');
const summary: PartSpec = {
  ...contentPart('reasoning_text', 'text'),
  delta: 'response.reasoning_summary_text.delta',
  done: 'response.reasoning_summary_text.done',
  opened: 'response.reasoning_summary_part.added',
  closed: 'response.reasoning_summary_part.done',
  indexKey: 'summary_index',
  listKey: 'summary',
  partType: 'summary_text',
};
const functionArguments = call('function_call_arguments', 'function_call', 'arguments');
const customInput = call('custom_tool_call_input', 'custom_tool_call', 'input');

const specs = [outputText, refusal, reasoningText, summary, functionArguments, customInput];
const byDelta = new Map<string, PartSpec>(specs.map((spec) => [spec.delta, spec]));
const byDone = new Map<string, PartSpec>(specs.map((spec) => [spec.done, spec]));
const byPartType = new Map<string, PartSpec>(specs.map((spec) => [spec.partType, spec]));

export function specOfDelta(type: DeltaType): PartSpec {
  return byDelta.get(type) as PartSpec;
}

export function specOfDone(type: string): PartSpec | undefined {
  return byDone.get(type);
}

/** The spec of an event that opens or closes a part. */
export function specOfPart(event: ResponsesEvent): PartSpec | undefined {
  switch (event.type) {
    case 'response.reasoning_summary_part.added':
    case 'response.reasoning_summary_part.done':
      return summary;
    case 'response.content_part.added':
    case 'response.content_part.done': {
      const type = (event as { part?: { type?: unknown } }).part?.type;
      return typeof type === 'string' ? byPartType.get(type) : undefined;
    }
    default:
      return undefined;
  }
}

/** The parts of a final item, in the order in which the upstream streams them. */
export function specsOfItem(item: OutputItem): { spec: PartSpec; index: number }[] {
  if (item.type === 'function_call') return [{ spec: functionArguments, index: 0 }];
  if (item.type === 'custom_tool_call') return [{ spec: customInput, index: 0 }];
  const found: { spec: PartSpec; index: number }[] = [];
  for (const key of ['summary', 'content'] as const) {
    const list = (item as Record<string, unknown>)[key];
    if (!Array.isArray(list)) continue;
    list.forEach((part: { type?: unknown } | null, index) => {
      const spec = typeof part?.type === 'string' ? byPartType.get(part.type) : undefined;
      if (spec?.listKey === key) found.push({ spec, index });
    });
  }
  return found;
}

/** The text of one part of a final item; undefined if it has none. */
export function textOf(item: OutputItem, spec: PartSpec, index: number): string | undefined {
  const holder =
    spec.listKey === undefined
      ? (item as Record<string, unknown>)
      : ((item as Record<string, unknown>)[spec.listKey] as Record<string, unknown>[] | undefined)?.[index];
  const text = holder?.[spec.textKey];
  return typeof text === 'string' ? text : undefined;
}

/** A part with this text. */
export function partOf(spec: PartSpec, text: string): Record<string, unknown> {
  return { type: spec.partType, [spec.textKey]: text, ...spec.extras };
}
