// Completes the history that a client sent: restores reasoning that the client could not keep, and adds missing tool results.
import { Failure } from '../failure.ts';
import type { Dropped, InputItem, ReasoningReference } from '../responses/request.ts';
import { restoreReasoning } from './reasoning.ts';
import type { ReasoningStore } from './reasoning-memory.ts';
import { isCall, type Step } from './step.ts';

export interface CompletedHistory {
  input: InputItem[];
  dropped: Dropped[];
  /** The steps whose reasoning was restored. */
  restored: Step[];
}

export function completeHistory(input: InputItem[], store: ReasoningStore | undefined): CompletedHistory {
  const dropped: Dropped[] = [];
  const restored = new Set<Step>();
  const find = (key: string) => {
    const step = store?.find(key);
    if (step !== undefined) restored.add(step);
    return step;
  };
  const resolved = resolveReferences(input, find, dropped);
  const completed = completeCalls(store === undefined ? resolved : restoreReasoning(resolved, find), dropped);
  if (completed.length > 0 || input.length === 0) {
    return { input: completed, dropped, restored: [...restored] };
  }
  throw new Failure('invalid_request', '`input` contains nothing that can be sent upstream.', {
    code: 'invalid_value',
    param: 'input',
  });
}

function resolveReferences(
  input: InputItem[],
  find: ReasoningStore['find'],
  dropped: Dropped[],
): InputItem[] {
  return input.flatMap((item): InputItem[] => {
    if (!isReference(item)) return [item];
    const known = find(item.id)?.byId.get(item.id);
    if (known !== undefined) return [known];
    const why = 'It has no `encrypted_content`, and codexd no longer has it in memory.';
    dropped.push({ field: item.param, why });
    return [];
  });
}

function isReference(item: InputItem): item is ReasoningReference {
  return item.type === 'item_reference';
}

/** What the Codex CLI sends for a call that was interrupted. */
const abortedOutput = 'aborted';

/** The upstream refuses a call without its output. */
function completeCalls(input: InputItem[], dropped: Dropped[]): InputItem[] {
  const answered = new Set(
    input.map((item) => (item.type.endsWith('_call_output') && 'call_id' in item ? item.call_id : undefined)),
  );
  return input.flatMap((item): InputItem[] => {
    if (!isCall(item) || answered.has(item.call_id)) return [item];
    const why = `It has no result, so the model reads \`${abortedOutput}\`.`;
    dropped.push({ field: `tool call ${item.call_id}`, why });
    return [item, { type: `${item.type}_output`, call_id: item.call_id, output: abortedOutput }];
  });
}
