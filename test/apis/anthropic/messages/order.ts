// Checks the order of events in a Messages stream, from its bytes alone (docs/wire/anthropic.md).

export interface Json {
  // biome-ignore lint/suspicious/noExplicitAny: wire values under test, of any shape
  [key: string]: any;
}

export interface MessagesOrderOptions {
  /** Whether the stream may end anywhere between two frames. */
  unfinished?: boolean;
}

/** The problems of a stream, one sentence each. */
export function messagesOrderFaults(text: string, options: MessagesOrderOptions = {}): string[] {
  const reader = new OrderReader();
  if (text !== '' && !text.endsWith('\n\n')) reader.faults.push('the last frame is cut');
  for (const frame of text.split('\n\n').slice(0, -1)) reader.frame(frame);
  if (!options.unfinished) reader.end();
  return reader.faults;
}

/** The payloads of all events, parsed. */
export function messagesEvents(text: string): Json[] {
  const frames = text.split('\n\n').slice(0, -1);
  return frames.map((frame) => JSON.parse(frame.slice(frame.indexOf('data: ') + 'data: '.length)) as Json);
}

/** The delta types allowed in each block. */
const deltas: Record<string, string[]> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
  web_search_tool_result: [],
};
const deltaKeys: Record<string, string> = {
  text_delta: 'text',
  thinking_delta: 'thinking',
  signature_delta: 'signature',
  input_json_delta: 'partial_json',
};
const stopReasons = ['end_turn', 'tool_use', 'stop_sequence', 'max_tokens', 'refusal'];

class OrderReader {
  readonly faults: string[] = [];
  #started = false;
  #blocks: string[] = [];
  #open: { type: string; deltas: number; signed: boolean } | undefined;
  #ended = false;
  #over: 'message_stop' | 'error' | undefined;

  #must(condition: boolean, rule: string): void {
    if (!condition) this.faults.push(rule);
  }

  frame(frame: string): void {
    const [name, payload, ...more] = frame.split('\n');
    this.#must(this.#over === undefined, `nothing comes after ${this.#over}`);
    this.#must(more.length === 0 && name?.startsWith('event: ') === true, `event: and data: lines: ${frame}`);
    let event: Json;
    try {
      event = JSON.parse(payload?.replace(/^data: /, '') ?? '') as Json;
    } catch {
      this.faults.push(`data is JSON: ${payload}`);
      return;
    }
    this.#must(name === `event: ${event.type}`, `the name is the type: ${name}`);
    if (event.type !== 'error') {
      this.#must(this.#started !== (event.type === 'message_start'), `message_start is first, and once`);
    }
    this.#event(event);
  }

  end(): void {
    this.#must(this.#over !== undefined, 'the stream ends with message_stop or an error');
  }

  #event(event: Json): void {
    switch (event.type) {
      case 'message_start':
        this.#start(event.message);
        return;
      case 'content_block_start':
        this.#startBlock(event);
        return;
      case 'content_block_delta':
        this.#delta(event);
        return;
      case 'content_block_stop':
        this.#stopBlock(event);
        return;
      case 'message_delta':
        this.#endMessage(event);
        return;
      case 'message_stop':
        this.#must(this.#ended, 'message_stop comes after message_delta');
        this.#over = 'message_stop';
        return;
      case 'error':
        this.#must(typeof event.error?.type === 'string', 'error.type is a string');
        this.#must(typeof event.error?.message === 'string', 'error.message is a string');
        this.#must('request_id' in event, 'an error names its request');
        this.#must(!this.#ended, 'no error after message_delta');
        this.#over = 'error';
        return;
      case 'ping':
        return;
      default:
        this.faults.push(`an event Anthropic does not have: ${event.type}`);
    }
  }

  #start(message: Json): void {
    this.#started = true;
    this.#must(/^msg_./.test(message?.id), 'the message has an id');
    this.#must(message?.type === 'message' && message.role === 'assistant', 'the message is the assistant');
    this.#must(typeof message?.model === 'string', 'the message names its model');
    this.#must(JSON.stringify(message?.content) === '[]', 'the message begins empty');
    for (const key of ['stop_reason', 'stop_sequence', 'stop_details', 'container', 'diagnostics']) {
      this.#must(message?.[key] === null, `${key} is null at first`);
    }
    this.#usage(message?.usage);
  }

  #usage(usage: Json): void {
    for (const key of [
      'input_tokens',
      'output_tokens',
      'cache_read_input_tokens',
      'cache_creation_input_tokens',
    ]) {
      this.#must(Number.isInteger(usage?.[key]) && usage[key] >= 0, `usage.${key} is a whole number`);
    }
  }

  #startBlock({ index, content_block: block }: Json): void {
    this.#must(this.#open === undefined, 'one block is open at a time');
    this.#must(index === this.#blocks.length, `blocks are numbered without holes: ${index}`);
    this.#must(!this.#ended, 'no block after message_delta');
    this.#must(block?.type in deltas, `a known block: ${block?.type}`);
    this.#must(!('citations' in block), 'citations are left out');
    if (block.type === 'text') this.#must(block.text === '', 'a text begins empty');
    if (block.type === 'thinking') {
      this.#must(block.thinking === '' && block.signature === '', 'thinking begins empty');
    }
    if (block.type === 'tool_use' || block.type === 'server_tool_use') {
      this.#must(typeof block.id === 'string' && block.id !== '', 'a call has an id');
      this.#must(typeof block.name === 'string' && block.name !== '', 'a call has a name');
      this.#must(JSON.stringify(block.input) === '{}', 'an input begins as {}');
      this.#must(block.caller?.type === 'direct', 'a call has a caller');
    }
    if (block.type === 'web_search_tool_result') {
      this.#must(this.#blocks.at(-1) === 'server_tool_use', 'a result follows its search');
    }
    this.#blocks.push(block.type);
    this.#open = { type: block.type, deltas: 0, signed: false };
  }

  #delta({ index, delta }: Json): void {
    const open = this.#open;
    if (open === undefined || index !== this.#blocks.length - 1) {
      this.faults.push(`a delta of a block that is not open: ${index}`);
      return;
    }
    this.#must(deltas[open.type]?.includes(delta?.type) === true, `${delta?.type} fits ${open.type}`);
    this.#must(!open.signed, 'the signature is the last delta');
    const value = delta?.[deltaKeys[delta?.type] ?? 'citation'];
    this.#must(value !== undefined && value !== '', `a delta holds something: ${JSON.stringify(delta)}`);
    if (delta?.type === 'signature_delta') open.signed = true;
    open.deltas++;
  }

  #stopBlock({ index }: Json): void {
    const open = this.#open;
    this.#must(open !== undefined && index === this.#blocks.length - 1, `the open block stops: ${index}`);
    if (open?.type === 'text' || open?.type === 'thinking') {
      this.#must(open.deltas > 0, `a block of ${open.type} holds something`);
    }
    this.#open = undefined;
  }

  #endMessage({ delta, usage }: Json): void {
    this.#must(this.#open === undefined, 'all blocks are closed before message_delta');
    this.#must(!this.#ended, 'message_delta comes once');
    this.#ended = true;
    this.#must(stopReasons.includes(delta?.stop_reason), `a known stop reason: ${delta?.stop_reason}`);
    const calls = this.#blocks.includes('tool_use');
    if (delta?.stop_reason === 'tool_use') this.#must(calls, 'tool_use means calls');
    if (delta?.stop_reason === 'end_turn') this.#must(!calls, 'calls mean tool_use');
    const stopped = delta?.stop_reason === 'stop_sequence';
    this.#must(
      (typeof delta?.stop_sequence === 'string') === stopped,
      'stop_sequence is told when it stopped',
    );
    const refused = delta?.stop_reason === 'refusal';
    this.#must((delta?.stop_details !== null) === refused, 'stop_details explain a refusal');
    this.#must(delta?.container === null, 'container is null');
    this.#usage(usage);
  }
}
