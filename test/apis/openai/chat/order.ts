// Checks the order of frames in a chat stream, from its bytes alone (docs/wire/openai.md#chat-frame).

export interface ChatOrderOptions {
  /** Whether the stream may end anywhere between two frames, without a finish reason or `[DONE]`. */
  unfinished?: boolean;
}

/** The problems of a stream, one sentence each. */
export function chatOrderFaults(text: string, options: ChatOrderOptions = {}): string[] {
  const reader = new OrderReader();
  if (text !== '' && !text.endsWith('\n\n')) reader.fault('the last frame is cut');
  for (const frame of text.split('\n\n').slice(0, -1)) reader.frame(frame);
  if (!options.unfinished) reader.end();
  return reader.faults;
}

/** The payloads of the `data:` lines except `[DONE]`, parsed. */
export function chatChunks(text: string): Json[] {
  return text
    .split('\n\n')
    .filter((frame) => frame.startsWith('data: ') && frame !== 'data: [DONE]')
    .map((frame) => JSON.parse(frame.slice('data: '.length)) as Json);
}

export interface Json {
  // biome-ignore lint/suspicious/noExplicitAny: wire values under test, of any shape
  [key: string]: any;
}

const finishReasons = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];
const textKeys = ['content', 'refusal', 'reasoning_content', 'reasoning'];

interface SeenCall {
  type: 'function' | 'custom';
  payload: string;
}

class OrderReader {
  readonly faults: string[] = [];
  #first: Json | undefined;
  #finish: string | undefined;
  #usage = false;
  #error = false;
  #done = false;
  #legacy: SeenCall | undefined;
  readonly #calls: SeenCall[] = [];

  fault(what: string): void {
    this.faults.push(what);
  }

  #must(condition: boolean, rule: string): void {
    if (!condition) this.fault(rule);
  }

  frame(frame: string): void {
    this.#must(!frame.includes('\n') && !frame.includes('\r'), `a frame is one line: ${frame}`);
    if (frame.startsWith(':')) return;
    this.#must(!this.#done, 'nothing comes after [DONE]');
    if (!frame.startsWith('data: ')) {
      this.fault(`every line is data or a comment: ${frame}`);
      return;
    }
    const payload = frame.slice('data: '.length);
    if (payload === '[DONE]') {
      this.#must(this.#finish !== undefined || this.#error, '[DONE] comes after a finish reason or an error');
      this.#done = true;
      return;
    }
    let json: Json;
    try {
      json = JSON.parse(payload) as Json;
    } catch {
      this.fault(`data is JSON: ${payload}`);
      return;
    }
    this.#must(!this.#error, 'only [DONE] comes after an error');
    if ('error' in json) this.#failed(json);
    else this.#chunk(json);
  }

  end(): void {
    this.#must(this.#done, 'the stream ends with [DONE]');
    if (this.#error) return;
    this.#must(this.#first !== undefined, 'there is at least one chunk');
    this.#must(this.#finish !== undefined, 'there is a finish reason');
    if (this.#finish === 'tool_calls') this.#must(this.#calls.length > 0, 'tool_calls means calls');
    if (this.#finish === 'function_call')
      this.#must(this.#legacy !== undefined, 'function_call means a call');
    if (this.#finish !== 'tool_calls' && this.#finish !== 'function_call') return;
    for (const call of [...this.#calls, ...(this.#legacy ? [this.#legacy] : [])]) {
      this.#must(call.type === 'custom' || call.payload !== '', 'arguments are never empty in the end');
    }
  }

  #failed({ error }: Json): void {
    this.#error = true;
    this.#must(this.#finish === undefined, 'no finish reason in a stream that failed');
    for (const key of ['message', 'type'])
      this.#must(typeof error[key] === 'string', `error.${key} is a string`);
    for (const key of ['param', 'code']) {
      this.#must(error[key] === null || typeof error[key] === 'string', `error.${key} is a string or null`);
    }
  }

  #chunk(chunk: Json): void {
    const first = this.#first ?? chunk;
    this.#first = first;
    this.#must(chunk.object === 'chat.completion.chunk', 'object is chat.completion.chunk');
    this.#must(typeof chunk.id === 'string' && chunk.id.startsWith('chatcmpl-'), 'id begins with chatcmpl-');
    this.#must(Number.isInteger(chunk.created), 'created is an integer');
    for (const key of ['id', 'created', 'model']) {
      this.#must(chunk[key] === first[key], `${key} is the same in every chunk`);
    }
    this.#must('usage' in chunk === 'usage' in first, 'usage is in every chunk or in none');
    if (!Array.isArray(chunk.choices)) {
      this.fault('choices is present in every chunk');
      return;
    }
    this.#must(!this.#usage, 'the usage chunk is the last one');
    if (chunk.choices.length === 0) {
      this.#usageChunk(chunk);
      return;
    }
    this.#must(chunk.choices.length === 1, 'there is one choice');
    this.#must((chunk.usage ?? null) === null, 'usage is null before the usage chunk');
    this.#must(this.#finish === undefined, 'no chunk of the choice after the finish reason');
    this.#choice(chunk.choices[0], chunk === first);
  }

  #usageChunk({ usage }: Json): void {
    this.#usage = true;
    this.#must(this.#finish !== undefined, 'the usage chunk comes after the finish reason');
    for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens']) {
      this.#must(Number.isInteger(usage?.[key]) && usage[key] >= 0, `usage.${key} is a whole number`);
    }
  }

  #choice(choice: Json, first: boolean): void {
    this.#must(choice.index === 0, 'the choice has index 0');
    this.#must(choice.logprobs === null, 'logprobs is null');
    const { role, ...delta } = choice.delta as Json;
    this.#must(
      first ? role === 'assistant' : role === undefined,
      'the role is in the first chunk and only there',
    );
    if (choice.finish_reason !== null) {
      this.#must(
        finishReasons.includes(choice.finish_reason),
        `a known finish reason: ${choice.finish_reason}`,
      );
      this.#must(Object.keys(delta).length === 0, 'the finish chunk has an empty delta');
      this.#finish = choice.finish_reason;
    } else if (!first) this.#delta(delta);
  }

  #delta(delta: Json): void {
    const { reasoning, reasoning_content, ...others } = delta;
    const isReasoning = reasoning !== undefined || reasoning_content !== undefined;
    const kinds = Object.keys(others).length + (isReasoning ? 1 : 0);
    this.#must(kinds === 1, `one kind of payload per delta: ${JSON.stringify(delta)}`);
    for (const key of textKeys) {
      const value = delta[key];
      if (value === undefined) continue;
      const text = key === 'reasoning' && typeof value === 'object' ? value.content?.[0]?.text : value;
      this.#must(typeof text === 'string' && text !== '', `${key} is a non-empty string`);
    }
    if (reasoning_content !== undefined && reasoning !== undefined) {
      this.#must(reasoning === reasoning_content, 'reasoning and reasoning_content are the same');
    }
    if (delta.tool_calls !== undefined) this.#toolCalls(delta.tool_calls);
    if (delta.function_call !== undefined) this.#functionCall(delta.function_call);
  }

  #toolCalls(entries: Json[]): void {
    if (!Array.isArray(entries) || entries.length !== 1) {
      this.fault('one call per chunk');
      return;
    }
    const { index, id, type, function: fn, custom } = entries[0] as Json;
    const called = fn ?? custom;
    const key = fn === undefined ? 'input' : 'arguments';
    this.#must(typeof called?.[key] === 'string', `${key} is a string in every delta of a call`);
    if (index === this.#calls.length) {
      this.#must(typeof id === 'string' && id !== '', 'the first delta of a call has its id');
      this.#must(
        type === (fn === undefined ? 'custom' : 'function'),
        'the first delta of a call has its type',
      );
      this.#must(
        typeof called?.name === 'string' && called.name !== '',
        'the first delta of a call has its name',
      );
      this.#must(called?.[key] === '', `${key} begins empty`);
      this.#must(index < 128, 'a tool index is below 128');
      this.#calls.push({ type, payload: '' });
      return;
    }
    const call = this.#calls[index];
    if (call === undefined) {
      this.fault(`tool indexes count from 0 without holes: ${index}`);
      return;
    }
    this.#must(id === undefined && type === undefined && called?.name === undefined, 'a call is named once');
    this.#must((call.type === 'function') === (fn !== undefined), 'a call keeps its type');
    call.payload += called?.[key];
  }

  #functionCall({ name, arguments: piece }: Json): void {
    this.#must(typeof piece === 'string', 'arguments is a string in every delta of a call');
    if (this.#legacy === undefined) {
      this.#must(typeof name === 'string' && name !== '', 'the first delta of a call has its name');
      this.#legacy = { type: 'function', payload: piece };
      return;
    }
    this.#must(name === undefined, 'a call is named once');
    this.#legacy.payload += piece;
  }
}
