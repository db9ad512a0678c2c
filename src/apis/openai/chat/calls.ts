// A result needs its call, or the upstream refuses the turn. What is wrong is said here, in the client's own terms. A call
// without a result gets one later, in `turns/history.ts`.
import { invalid } from '../check.ts';

export type CallKind = 'function' | 'custom';

interface OpenCall {
  kind: CallKind;
  /** The function of a legacy `function_call`, which has no id: its result is matched by name. */
  legacyName?: string;
}

export class CallPairs {
  /** By the client's id, in the order they were made. */
  readonly #open = new Map<string, OpenCall>();
  readonly #answered = new Set<string>();
  #legacyCalls = 0;

  issue(id: string, kind: CallKind, idParam: string): void {
    if (this.#open.has(id)) {
      throw invalid(idParam, `The call id \`${id}\` is used twice.`, 'invalid_value');
    }
    this.#open.set(id, { kind });
    this.#answered.delete(id);
  }

  /** The id that a legacy call goes by. */
  issueLegacy(legacyName: string): string {
    const id = `call_legacy_${++this.#legacyCalls}`;
    this.#open.set(id, { kind: 'function', legacyName });
    return id;
  }

  answer(id: string, idParam: string): CallKind {
    const call = this.#open.get(id);
    if (call === undefined) {
      const problem = this.#answered.has(id)
        ? `The call \`${id}\` was answered already.`
        : `No earlier assistant message made a call with the id \`${id}\`.`;
      throw invalid(idParam, problem, 'invalid_value');
    }
    this.#open.delete(id);
    this.#answered.add(id);
    return call.kind;
  }

  /** The id of the newest legacy call of that function. */
  answerLegacy(name: string, nameParam: string): string {
    const id = [...this.#open].findLast(([, call]) => call.legacyName === name)?.[0];
    if (id === undefined) {
      throw invalid(nameParam, `No earlier \`function_call\` named \`${name}\`.`, 'invalid_value');
    }
    this.#open.delete(id);
    return id;
  }
}
