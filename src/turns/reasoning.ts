// Encrypted reasoning of earlier steps, put back where the upstream had it. Most client APIs have no place for it, and an
// agent without it loses its train of thought with every tool call.
import type { InputItem, InputReasoning } from '../responses/request.ts';
import type { OutputItem } from '../responses/response.ts';
import { positionAfter, positionsOf } from './position.ts';
import type { ReasoningStore } from './reasoning-memory.ts';
import { type CallItem, isCall, type Step, segmentsOf, stepOf } from './step.ts';

/** Keeps the reasoning of a complete answer to `input`. */
export function rememberReasoning(
  input: readonly InputItem[],
  output: readonly OutputItem[],
  store: ReasoningStore,
): void {
  const step = stepOf(output);
  if (step.byId.size === 0) return;
  const ids = [...step.byId.keys(), ...step.calls.map(({ id }) => id)];
  store.add(step, ids, step.calls.length === 0 ? undefined : positionAfter(input, output));
}

/** Runs of the assistant that have reasoning are left alone: the client keeps it itself. */
export function restoreReasoning(input: InputItem[], find: ReasoningStore['find']): InputItem[] {
  const steps = new StepFinder(input, find);
  const inserted = new Map<InputItem, InputReasoning[]>();
  for (const segment of segmentsOf(input)) {
    if ('user' in segment || segment.run.some(({ type }) => type === 'reasoning')) continue;
    const step = steps.find(segment.run.filter(isCall));
    if (step !== undefined) place(step, segment.run, inserted);
  }
  if (inserted.size === 0) return input;
  return input.flatMap((item) => [...(inserted.get(item) ?? []), item]);
}

function place(step: Step, run: InputItem[], inserted: Map<InputItem, InputReasoning[]>): void {
  const insert = (item: InputItem | undefined, reasoning: InputReasoning[] = []) => {
    if (item !== undefined) inserted.set(item, [...(inserted.get(item) ?? []), ...reasoning]);
  };
  const calls = run.filter(isCall);
  const places = calls.map((call, index) => indexIn(step, call) ?? index);
  // A client that runs parallel calls one after the other sends each with its result: the later ones are runs of their own.
  if (places.includes(0)) {
    insert(run[0], step.beforeText);
    insert(calls[0], step.calls[0]?.before);
  }
  for (const [index, place] of places.entries())
    if (place > 0) insert(calls[index], step.calls[place]?.before);
}

/** Undefined for a call with an id of the client's own. */
function indexIn(step: Step, call: CallItem): number | undefined {
  const index = step.calls.findIndex(({ id, name }) => id === call.call_id && name === call.name);
  return index === -1 ? undefined : index;
}

/** Finds the step that made calls by the id of the first, else by its position. */
class StepFinder {
  #positions: Map<CallItem, string> | undefined;

  constructor(
    private readonly input: readonly InputItem[],
    private readonly byKey: ReasoningStore['find'],
  ) {}

  find([first]: CallItem[]): Step | undefined {
    if (first === undefined) return undefined;
    const known = this.byKey(first.call_id);
    if (known !== undefined && indexIn(known, first) !== undefined) return known;
    this.#positions ??= positionsOf(this.input);
    return this.byKey(this.#positions.get(first) as string);
  }
}
