// Tool calls and their results in the history (docs/wire/ollama.md#messages). Many clients drop the ids, so results are matched
// by id, by name, or by order. The upstream refuses one without the other.
import { sha256 } from '../../../base/sha256.ts';
import { type Fields, isObject, isSet, parsed } from '../../../responses/fields.ts';
import type { InputFunctionCall, InputItem, InputPart } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import { fieldsAt, invalid, textAt } from '../check.ts';

interface OpenCall {
  /** The client's id; empty if it sent none. */
  id: string;
  name: string;
  callId: string;
}

export class Calls {
  /** Calls without a result, in order. */
  #open: OpenCall[] = [];
  readonly #used = new Set<string>();

  constructor(private readonly names: ToolNames) {}

  add(value: unknown, path: string): InputFunctionCall {
    const given = fieldsAt(value, path);
    const called = fieldsAt(given.function, `${path}.function`);
    const name = textAt(called.name, `${path}.function.name`);
    if (name === '') throw invalid(`${path}.function.name`, `${path}.function.name is required`);
    const id = textAt(given.id, `${path}.id`);
    const callId = this.#callId(id);
    this.#open.push({ id, name, callId });
    return {
      type: 'function_call',
      call_id: callId,
      name: this.names.upstream(name, `${path}.function.name`),
      arguments: argumentsOf(called.arguments, `${path}.function.arguments`),
    };
  }

  /** The result of an earlier call; a result without a call becomes a user message. */
  addResult(message: Fields, output: string | InputPart[], path: string): InputItem {
    const name = textAt(message.tool_name ?? message.name, `${path}.tool_name`);
    const call = this.#match(textAt(message.tool_call_id, `${path}.tool_call_id`), name);
    if (call !== undefined) {
      this.#open = this.#open.filter((each) => each !== call);
      return { type: 'function_call_output', call_id: call.callId, output };
    }
    const parts: InputPart[] = typeof output === 'string' ? [{ type: 'input_text', text: output }] : output;
    const note = `Tool ${name === '' ? 'result' : name}:`;
    return { type: 'message', role: 'user', content: [{ type: 'input_text', text: note }, ...parts] };
  }

  /** At the next user message: later results do not belong to these calls. */
  close(): void {
    this.#open = [];
  }

  #match(id: string, name: string): OpenCall | undefined {
    const byId = id === '' ? undefined : this.#open.find((call) => call.id === id);
    const byName = name === '' ? undefined : this.#open.find((call) => call.name === name);
    return byId ?? byName ?? this.#open[0];
  }

  /** By position if the client sends none, so that a conversation's prefix stays the same (docs/wire/ollama.md#ids-by-position). */
  #callId(id: string): string {
    let callId = id === '' ? `call_${this.#used.size}` : id;
    while (this.#used.has(callId)) callId = `call_${sha256(callId).slice(0, 24)}`;
    this.#used.add(callId);
    return callId;
  }
}

function argumentsOf(value: unknown, path: string): string {
  if (!isSet(value) || value === '') return '{}';
  if (isObject(value)) return JSON.stringify(value);
  if (typeof value === 'string' && isObject(parsed(value))) return value;
  throw invalid(path, `${path} must be an object`);
}
