// Translates messages to input items in order. The upstream caches by exact prefix, so the translation of a message must
// not depend on later ones, as far as possible.
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { InputItem, InputMessage, InputPart } from '../../../responses/request.ts';
import { compactedItems } from '../../compacted-history.ts';
import { fieldsAt, invalid, listAt, quoted } from '../check.ts';
import { readAssistant } from './assistant.ts';
import { Calls } from './calls.ts';
import { type Block, blocksOf, type ContentOptions, inputParts, omit } from './content.ts';
import { toolsAddedBy } from './deferred.ts';
import { isEphemeral, systemEffort, systemTexts } from './system.ts';

export interface MessagesOptions extends ContentOptions {
  /** The client's names of tools that a message makes visible. */
  loaded: ReadonlySet<unknown>;
  /** How many of the latest turns keep their reasoning; undefined for all. */
  thinkingTurns: number | undefined;
  /** The request is for an answer; otherwise the conversation may end anywhere. */
  wantsAnswer: boolean;
}

export interface Conversation {
  input: InputItem[];
  /** The effort set by the last `system` message that sets one. */
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

/** The models cannot continue a text by themselves, but follow this instruction. */
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
  /** System messages that disappear at the next user message. */
  #ephemeral = new Set<unknown>();
  #effort: string | undefined;
  /** A turn begins with a user message without tool results; a loop of calls is one turn. */
  #turn = 0;
  /** The turn of each reasoning item. */
  readonly #reasoning = new Map<unknown, number>();
  /** The last message is assistant text, which the client wants continued. */
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
    if (this.options.wantsAnswer && this.#endsInText) this.#input.push(continueInstruction);
    const forgotten = this.#forgottenReasoning();
    const input = this.#input.filter((item) => !forgotten.has(item));
    if (input.length === 0) throw invalid('messages', 'all messages are empty');
    return { input, effort: this.#effort };
  }

  // --- user ---

  /** Results come first: the upstream refuses text between a call and its output. */
  #user(message: Fields, path: string): void {
    if (this.#ephemeral.size > 0) this.#input = this.#input.filter((item) => !this.#ephemeral.has(item));
    this.#ephemeral.clear();
    const blocks = blocksOf(message.content, `${path}.content`, this.options.drops);
    const results = blocks.filter(({ type }) => type === 'tool_result');
    for (const { fields, path: where } of results) this.#input.push(this.#calls.addResult(fields, where));
    if (results.length === 0) this.#turn++;
    const parts = this.#partsOf(
      blocks.filter(({ type }) => type !== 'tool_result'),
      results.length === 0,
    );
    if (parts.length > 0) this.#input.push({ type: 'message', role: 'user', content: parts });
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
      return known ?? omit(block, this.options.drops);
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
    if (compaction !== -1) this.#restart(all[compaction]!);
    const blocks = all.slice(compaction + 1);
    const { items, hasText } = readAssistant(blocks, this.#calls, this.options.drops);
    for (const item of items) if (item.type === 'reasoning') this.#reasoning.set(item, this.#turn);
    this.#input.push(...items);
    this.#endsInText = hasText && !isToolBlock(blocks.at(-1));
  }

  /** A summary replaces everything before it. */
  #restart({ fields, path }: Block): void {
    if (typeof fields.content !== 'string' || fields.content === '') {
      throw invalid(path, 'A compaction must contain its text');
    }
    this.#calls.clear();
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

/** System texts as items with role `developer`, since the upstream refuses `system`; compacted histories are unpacked. */
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
