// Messages as input items. Order is kept: the upstream caches by exact prefix, so what a
// message becomes must not depend on the ones after it, wherever that can be helped.
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { InputItem, InputMessage, InputPart } from '../../../responses/request.ts';
import { compactedItems } from '../../compacted-history.ts';
import { fieldsAt, invalid, listAt, quoted } from '../check.ts';
import { readAssistant } from './assistant.ts';
import { Calls } from './calls.ts';
import { type Block, blocksOf, type ContentOptions, inputParts, leftOut } from './content.ts';
import { toolsAddedBy } from './deferred.ts';
import { isEphemeral, systemEffort, systemTexts } from './system.ts';

export interface MessagesOptions extends ContentOptions {
  /** The client's names of tools that become visible where a message adds them. */
  loaded: ReadonlySet<unknown>;
  /** Only so many of the latest turns keep their reasoning; all when undefined. */
  thinkingTurns: number | undefined;
  /** An answer is to follow; else the conversation may end anywhere. */
  answered: boolean;
}

export interface Conversation {
  input: InputItem[];
  /** The effort the last `system` message that names one asks for. */
  effort: string | undefined;
}

export function translateMessages(value: unknown, options: MessagesOptions): Conversation {
  if (!isSet(value)) throw invalid('messages', 'Field required');
  const messages = listAt(value, 'messages');
  if (messages.length === 0) throw invalid('messages', 'at least one message is required');
  const reader = new MessageReader(options);
  for (const [index, message] of messages.entries()) {
    reader.read(fieldsAt(message, `messages.${index}`), `messages.${index}`);
  }
  return reader.finish();
}

/** The models cannot go on with a text; they can be asked to. */
const continueInstruction: InputMessage = {
  type: 'message',
  role: 'developer',
  content: [
    {
      type: 'input_text',
      text: 'Continue your last message exactly where it stopped; do not repeat it.',
    },
  ],
};

class MessageReader {
  #input: InputItem[] = [];
  readonly #calls: Calls;
  /** System messages that the next user message makes disappear. */
  #ephemeral = new Set<unknown>();
  #effort: string | undefined;
  /** A turn begins with a user message that answers no call; a loop of calls is one turn. */
  #turn = 0;
  /** The turn of each reasoning item. */
  readonly #reasoning = new Map<unknown, number>();
  /** The message read last is a text of the assistant's: the client wants more of it. */
  #endsInText = false;

  constructor(private readonly options: MessagesOptions) {
    this.#calls = new Calls(options);
  }

  read(message: Fields, path: string): void {
    this.#endsInText = false;
    switch (message.role) {
      case 'user':
        this.#user(message, path);
        this.#loadTools(message);
        return;
      case 'assistant':
        this.#assistant(message, path);
        return;
      case 'system':
        this.#system(message, path);
        this.#loadTools(message);
        return;
      default:
        throw invalid(
          `${path}.role`,
          `Input should be \`user\`, \`assistant\` or \`system\`, not \`${quoted(message.role)}\``,
        );
    }
  }

  finish(): Conversation {
    if (this.options.answered && this.#endsInText) this.#input.push(continueInstruction);
    const forgotten = this.#forgottenReasoning();
    const input = this.#input.filter((item) => !forgotten.has(item));
    if (input.length === 0) throw invalid('messages', 'none of the messages has any content');
    return { input, effort: this.#effort };
  }

  // --- user ---

  /** Results go first: a text between a call and its output is refused upstream. */
  #user(message: Fields, path: string): void {
    if (this.#ephemeral.size > 0) this.#input = this.#input.filter((item) => !this.#ephemeral.has(item));
    this.#ephemeral.clear();
    const blocks = blocksOf(message.content, `${path}.content`, this.options.drops);
    const results = blocks.filter(({ type }) => type === 'tool_result');
    for (const { fields, path: where } of results) this.#input.push(this.#calls.answer(fields, where));
    if (results.length === 0) this.#turn++;
    const said = this.#partsOf(
      blocks.filter(({ type }) => type !== 'tool_result'),
      results.length === 0,
    );
    if (said.length > 0) this.#input.push({ type: 'message', role: 'user', content: said });
  }

  #loadTools(message: Fields): void {
    const { loaded, names } = this.options;
    const added = toolsAddedBy(message).filter((name) => loaded.has(name));
    if (added.length === 0) return;
    this.#input.push({
      type: 'loaded_tools',
      names: added.map((name) => names.upstream(String(name), 'tools')),
    });
  }

  #partsOf(blocks: Block[], alone: boolean): InputPart[] {
    let unknown: Block | undefined;
    const parts = blocks.flatMap((block) => {
      const known = inputParts(block, this.options);
      if (known === undefined) unknown = block;
      return known ?? leftOut(block, this.options.drops);
    });
    if (unknown !== undefined && alone && parts.length === 0) {
      throw invalid(`${unknown.path}.type`, `Unknown block type \`${quoted(unknown.type)}\``);
    }
    return parts;
  }

  // --- assistant ---

  #assistant(message: Fields, path: string): void {
    const all = blocksOf(message.content, `${path}.content`, this.options.drops);
    const compaction = all.findLastIndex(({ type }) => type === 'compaction');
    if (compaction !== -1) this.#startAgain(all[compaction]!);
    const blocks = all.slice(compaction + 1);
    const { items, said } = readAssistant(blocks, this.#calls, this.options.drops);
    for (const item of items) if (item.type === 'reasoning') this.#reasoning.set(item, this.#turn);
    this.#input.push(...items);
    this.#endsInText = said && !isToolBlock(blocks.at(-1));
  }

  /** A summary takes the place of everything before it. */
  #startAgain({ fields, path }: Block): void {
    if (typeof fields.content !== 'string' || fields.content === '') {
      throw invalid(path, 'A compaction without its text cannot be read here');
    }
    this.#calls.forget();
    const text = `Summary of the conversation so far: ${fields.content.toWellFormed()}`;
    this.#input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }];
  }

  #forgottenReasoning(): Set<unknown> {
    const { thinkingTurns } = this.options;
    if (thinkingTurns === undefined) return new Set();
    const kept = new Set([...new Set(this.#reasoning.values())].slice(-thinkingTurns));
    return new Set([...this.#reasoning].filter(([, turn]) => !kept.has(turn)).map(([item]) => item));
  }

  // --- system ---

  #system(message: Fields, path: string): void {
    this.#effort = systemEffort(message, path) ?? this.#effort;
    const items = systemItems(systemTexts(message, path, this.options), path);
    this.#input.push(...items);
    if (isEphemeral(message)) for (const item of items) this.#ephemeral.add(item);
  }
}

function isToolBlock(block: Block | undefined): boolean {
  return block?.type === 'tool_use' || block?.type === 'tool_result';
}

/** The items of system texts: never role `system`, which the upstream refuses; compacted histories as what they hold. */
function systemItems(texts: string[], path: string): InputItem[] {
  const items: InputItem[] = [];
  let content: InputPart[] = [];
  const push = (...further: InputItem[]) => {
    if (content.length > 0) items.push({ type: 'message', role: 'developer', content });
    content = [];
    items.push(...further);
  };
  for (const text of texts) {
    const compacted = compactedItems(text, (why) => invalid(path, why));
    if (compacted !== undefined) push(...compacted);
    else content.push({ type: 'input_text', text });
  }
  push();
  return items;
}
