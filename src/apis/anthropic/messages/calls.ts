// Tool calls and their results in the history. The upstream refuses one without the other. They are matched by id, since
// clients do not keep results in the order of the calls.
import { type Fields, isObject, isSet, parsed } from '../../../responses/fields.ts';
import type {
  FunctionCallOutput,
  InputFunctionCall,
  InputItem,
  InputPart,
} from '../../../responses/request.ts';
import { flagAt, invalid, nameAt } from '../check.ts';
import { allParts, blocksOf, type ContentOptions } from './content.ts';

interface Call {
  item: InputFunctionCall;
  output: FunctionCallOutput | undefined;
}

export class Calls {
  /** By the client's id; the newest call if an id is reused. */
  readonly #calls = new Map<string, Call>();

  constructor(private readonly options: ContentOptions) {}

  /** A `tool_use` block. */
  add(block: Fields, path: string): InputFunctionCall {
    const id = nameAt(block.id, `${path}.id`);
    const known = this.#calls.get(id);
    if (known !== undefined && known.output === undefined) {
      throw invalid(`${path}.id`, `\`tool_use\` ids must be unique: ${id}`);
    }
    const name = this.options.names.upstream(nameAt(block.name, `${path}.name`), `${path}.name`);
    const item: InputFunctionCall = {
      type: 'function_call',
      call_id: id,
      name,
      arguments: argumentsOf(block.input, `${path}.input`),
    };
    this.#calls.set(id, { item, output: undefined });
    return item;
  }

  /** A `tool_result` block: the output of its call, or a message with the earlier result if there are two. */
  addResult(block: Fields, path: string): InputItem {
    const id = nameAt(block.tool_use_id, `${path}.tool_use_id`);
    const call = this.#calls.get(id);
    if (call === undefined) {
      throw invalid(
        path,
        `unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${id}. Each \`tool_result\` block must have a corresponding \`tool_use\` block before it.`,
      );
    }
    const output = resultOf(block, path, this.options);
    if (call.output !== undefined) {
      const earlier = call.output.output;
      call.output.output = output;
      return earlierResult(id, earlier);
    }
    call.output = { type: 'function_call_output', call_id: call.item.call_id, output };
    return call.output;
  }

  /** Forgets all calls: the conversation before a compaction does not count. */
  clear(): void {
    this.#calls.clear();
  }
}

/** Always formatted by `JSON.stringify`, so that the prompt cache still matches. */
function argumentsOf(input: unknown, path: string): string {
  if (!isSet(input)) return '{}';
  if (isObject(input)) return JSON.stringify(input);
  if (typeof input === 'string' && isObject(parsed(input))) return input;
  throw invalid(path, 'Input should be an object');
}

function earlierResult(id: string, output: string | InputPart[]): InputItem {
  const note = `[earlier result of the tool call ${id}]`;
  const [text, others] = typeof output === 'string' ? [`${note} ${output}`, []] : [note, output];
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }, ...others] };
}

/** Joins parts that are all text; otherwise keeps them as parts. */
function resultOf(block: Fields, path: string, options: ContentOptions): string | InputPart[] {
  const parts = isSet(block.content)
    ? allParts(blocksOf(block.content, `${path}.content`, options.drops), options)
    : [];
  const failed = flagAt(block.is_error, `${path}.is_error`);
  const texts = parts.flatMap((part) => (part.type === 'input_text' ? part.text : []));
  if (texts.length === parts.length) return failed ? errorText(texts.join('\n')) : texts.join('\n');
  if (!failed || saysFailed(texts[0] ?? '')) return parts;
  return [{ type: 'input_text', text: 'Error:' }, ...parts];
}

/** The upstream has no field for errors, so the text says that the tool failed. */
function errorText(text: string): string {
  if (text === '') return 'Error: the tool failed without output.';
  return saysFailed(text) ? text : `Error: ${text}`;
}

function saysFailed(text: string): boolean {
  return /^\s*<?(?:tool_use_)?error/i.test(text);
}
