// Restores the encrypted reasoning of earlier steps to its original place. Most APIs have no field for it, and without it an
// agent loses its train of thought with every tool call.
import type { InputItem, InputReasoning } from '../responses/request.ts';
import type { OutputItem } from '../responses/response.ts';
import { positionAfter, positionsOf } from './position.ts';
import type { ReasoningStore } from './reasoning-memory.ts';
import { type CallItem, isCall, type Step, splitConversation, stepOf } from './step.ts';

/** Stores the reasoning of a complete answer to `input`. */
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

/** Leaves assistant runs that already contain reasoning unchanged: the client keeps it itself. */
export function restoreReasoning(input: InputItem[], find: ReasoningStore['find']): InputItem[] {
  const steps = new StepFinder(input, find);
  const inserted = new Map<InputItem, InputReasoning[]>();
  for (const part of splitConversation(input)) {
    if ('user' in part || part.run.some(({ type }) => type === 'reasoning')) continue;
    const step = steps.find(part.run.filter(isCall));
    if (step !== undefined) insertReasoning(step, part.run, inserted);
  }
  if (inserted.size === 0) return input;
  return input.flatMap((item) => [...(inserted.get(item) ?? []), item]);
}

function insertReasoning(step: Step, run: InputItem[], inserted: Map<InputItem, InputReasoning[]>): void {
  const insert = (item: InputItem | undefined, reasoning: InputReasoning[] = []) => {
    if (item !== undefined) inserted.set(item, [...(inserted.get(item) ?? []), ...reasoning]);
  };
  const calls = run.filter(isCall);
  const places = calls.map((call, index) => indexIn(step, call) ?? index);
  // A client that runs parallel calls one by one sends each with its result, so the later ones are separate runs.
  if (places.includes(0)) {
    insert(run[0], step.beforeText);
    insert(calls[0], step.calls[0]?.before);
  }
  for (const [index, place] of places.entries())
    if (place > 0) insert(calls[index], step.calls[place]?.before);
}

/** Undefined if the client changed the call's id. */
function indexIn(step: Step, call: CallItem): number | undefined {
  const index = step.calls.findIndex(({ id, name }) => id === call.call_id && name === call.name);
  return index === -1 ? undefined : index;
}

/** Finds the step that made the calls by the id of the first one, otherwise by its position. */
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
