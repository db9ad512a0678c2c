// Every call needs its output and every output its call, or the upstream refuses the turn (reference/openai-api.md 0.5
// and A.2, pairing rules 1 to 3). Told here with the ids, in the client's own terms.
import { invalid } from '../check.ts';

export type CallKind = 'function' | 'custom';

interface OpenCall {
  kind: CallKind;
  /** The assistant message that made it. */
  param: string;
  /** The function of a legacy `function_call`, which has no id: its result is matched by name. */
  legacyName?: string;
}

export class CallPairs {
  /** By the client's id, in the order they were made. */
  readonly #open = new Map<string, OpenCall>();
  readonly #answered = new Set<string>();
  #legacyCalls = 0;

  /** `param` names the message, `idParam` the id. */
  issue(id: string, kind: CallKind, param: string, idParam: string): void {
    if (this.#open.has(id)) {
      throw invalid(idParam, `The call id \`${id}\` is used twice.`, 'invalid_value');
    }
    this.#open.set(id, { kind, param });
    this.#answered.delete(id);
  }

  /** The id that a legacy call goes by. */
  issueLegacy(legacyName: string, param: string): string {
    const id = `call_legacy_${++this.#legacyCalls}`;
    this.#open.set(id, { kind: 'function', param, legacyName });
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

  /** Due before the next user or assistant message and at the end. */
  requireAnswers(): void {
    const [first] = this.#open.values();
    if (first === undefined) return;
    throw invalid(
      first.param,
      `Every call must be followed by a message with its result. Without one: ${[...this.#open.keys()].join(', ')}.`,
      'invalid_value',
    );
  }
}
