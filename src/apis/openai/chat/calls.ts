// Checks that each tool result has a call, since the upstream refuses it otherwise, and reports problems in the client's terms.
// `turns/history.ts` adds results to calls without one.
import type { InputItem } from '../../../responses/request.ts';
import { invalid } from '../check.ts';

export type CallKind = 'function' | 'custom';

interface OpenCall {
  kind: CallKind;
  /** The function's name in a legacy `function_call`, which has no id: its result is matched by name. */
  legacyName?: string;
}

export class CallPairs {
  /** By the client's id, in order. */
  readonly #open = new Map<string, OpenCall>();
  readonly #answered = new Set<string>();
  /** Those of the conversation that the request continues. A client may send them once more. */
  readonly #earlier = new Map<string, CallKind>();
  #earlierAreUnknown = false;
  #legacyCalls = 0;

  /** `areUnknown`: the conversation is stored elsewhere, so that any call may be part of it. */
  continue(items: readonly InputItem[], areUnknown: boolean): void {
    this.#earlierAreUnknown = areUnknown;
    for (const item of items) {
      if (!('call_id' in item)) continue;
      if (item.type === 'function_call') this.#earlier.set(String(item.call_id), 'function');
      if (item.type === 'custom_tool_call') this.#earlier.set(String(item.call_id), 'custom');
    }
  }

  add(id: string, kind: CallKind, idParam: string): void {
    if (this.#open.has(id)) {
      throw invalid(idParam, `Duplicate call id \`${id}\`.`, 'invalid_value');
    }
    this.#open.set(id, { kind });
    this.#answered.delete(id);
  }

  /** Returns an id for a legacy call. */
  addLegacy(legacyName: string): string {
    const id = `call_legacy_${++this.#legacyCalls}`;
    this.#open.set(id, { kind: 'function', legacyName });
    return id;
  }

  addResult(id: string, idParam: string): CallKind {
    const call = this.#open.get(id);
    const earlier = this.#earlier.get(id) ?? (this.#earlierAreUnknown ? 'function' : undefined);
    if (call === undefined && earlier !== undefined) return earlier;
    if (call === undefined) {
      const problem = this.#answered.has(id)
        ? `The call \`${id}\` already has a result.`
        : `No earlier assistant message contains a call with the id \`${id}\`.`;
      throw invalid(idParam, problem, 'invalid_value');
    }
    this.#open.delete(id);
    this.#answered.add(id);
    return call.kind;
  }

  /** The id of the newest legacy call of that function. */
  addLegacyResult(name: string, nameParam: string): string {
    const id = [...this.#open].findLast(([, call]) => call.legacyName === name)?.[0];
    if (id === undefined) {
      throw invalid(nameParam, `No earlier \`function_call\` named \`${name}\`.`, 'invalid_value');
    }
    this.#open.delete(id);
    return id;
  }
}
