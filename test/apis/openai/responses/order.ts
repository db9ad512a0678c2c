// Checks the order of events in a stream of POST /v1/responses, from its bytes alone
// (docs/wire/openai.md#responses-events, #response-fields, #error-pair).
import { isDeepStrictEqual } from 'node:util';

export interface ResponsesOrderOptions {
  /**
   * Whether the client is Codex: then private events and keepalive events are allowed, and a failure has no `error`.
   */
  codex?: boolean;
  /** Whether the stream may end anywhere between two frames, without a terminal event or `[DONE]`. */
  unfinished?: boolean;
}

export interface Json {
  // biome-ignore lint/suspicious/noExplicitAny: wire values under test, of any shape
  [key: string]: any;
}

/** The problems of a stream, one sentence each. */
export function responsesOrderFaults(text: string, options: ResponsesOrderOptions = {}): string[] {
  const reader = new OrderReader(options.codex ?? false);
  if (text !== '' && !text.endsWith('\n\n')) reader.faults.push('the last frame is cut');
  for (const frame of text.split('\n\n').slice(0, -1)) reader.frame(frame);
  if (!options.unfinished) reader.end();
  return reader.faults;
}

/** The payloads of all events except `[DONE]`, parsed. */
export function responsesEvents(text: string): Json[] {
  return text
    .split('\n\n')
    .map((frame) => frame.slice(frame.indexOf('data: ') + 'data: '.length))
    .filter((payload) => payload.startsWith('{'))
    .map((payload) => JSON.parse(payload) as Json);
}

const lifecycle = ['created', 'queued', 'in_progress', 'completed', 'incomplete', 'failed'];
const terminal = ['response.completed', 'response.incomplete', 'response.failed'];

/** The event types of openai@7.55.0, without the lifecycle events. */
const publicTypes = [
  /^error$/,
  /^response\.output_item\.(added|done)$/,
  /^response\.content_part\.(added|done)$/,
  /^response\.output_text\.(delta|done|annotation\.added)$/,
  /^response\.(refusal|reasoning_text|reasoning_summary_text)\.(delta|done)$/,
  /^response\.reasoning_summary_part\.(added|done)$/,
  /^response\.(function_call_arguments|custom_tool_call_input|mcp_call_arguments)\.(delta|done)$/,
  /^response\.(mcp_call|mcp_list_tools)\.(in_progress|completed|failed)$/,
  /^response\.(web_search|file_search)_call\.(in_progress|searching|completed)$/,
  /^response\.image_generation_call\.(in_progress|generating|completed|partial_image)$/,
  /^response\.code_interpreter_call(\.(in_progress|interpreting|completed)|_code\.(delta|done))$/,
  /^response\.shell_call_(command\.(added|delta|done)|output_content\.(delta|done))$/,
  /^response\.compaction\.compacting$/,
  /^response\.audio\.(transcript\.)?(delta|done)$/,
];

/** The keys of a response object that the Open Responses validator requires. */
const requiredKeys = [
  ['id', 'object', 'created_at', 'completed_at', 'status', 'background', 'error', 'incomplete_details'],
  [
    'instructions',
    'max_output_tokens',
    'max_tool_calls',
    'metadata',
    'model',
    'output',
    'parallel_tool_calls',
  ],
  ['previous_response_id', 'presence_penalty', 'frequency_penalty', 'prompt_cache_key', 'reasoning'],
  [
    'safety_identifier',
    'service_tier',
    'store',
    'temperature',
    'text',
    'tool_choice',
    'tools',
    'top_logprobs',
  ],
  ['top_p', 'truncation', 'usage'],
].flat();

/** The problems of a response object by itself, from a stream or as a whole response. */
export function responseFaults(response: Json): string[] {
  const faults = requiredKeys.filter((key) => !(key in response)).map((key) => `the response has no ${key}`);
  if (response.object !== 'response') faults.push('the response is no `response`');
  if (typeof response.id !== 'string' || response.id === '') faults.push('the response has no id');
  if (typeof response.model !== 'string' || response.model === '') faults.push('the response has no model');
  if (!Number.isInteger(response.created_at)) faults.push('`created_at` is no integer');
  if (!Array.isArray(response.output)) return [...faults, '`output` is no list'];
  return [...faults, ...response.output.flatMap(itemFaults)];
}

function itemFaults(item: Json): string[] {
  const faults: string[] = [];
  const must = (condition: boolean, rule: string) => condition || faults.push(`${item.type}: ${rule}`);
  must(typeof item.id === 'string' && item.id !== '', 'an item has an id');
  if (item.type === 'message') {
    must(item.role === 'assistant', 'the role is assistant');
    must(Array.isArray(item.content), 'the content is a list');
    for (const part of item.content ?? []) faults.push(...partFaults(part));
  }
  if (item.type === 'reasoning') must(Array.isArray(item.summary), 'the summary is a list');
  if (item.type === 'function_call') must(typeof item.arguments === 'string', 'arguments are text');
  if (/^(function|custom_tool)_call$/.test(item.type)) {
    must(typeof item.call_id === 'string' && item.call_id !== '', 'a call has a call_id');
    must(typeof item.name === 'string' && item.name !== '', 'a call has a name');
  }
  must(item.encrypted_content !== null && item.content !== null, 'what is unknown is absent, not null');
  return faults;
}

function partFaults(part: Json): string[] {
  if (part.type !== 'output_text') return [];
  const lists = Array.isArray(part.annotations) && Array.isArray(part.logprobs);
  return lists ? [] : ['a text part has its annotations and logprobs'];
}

interface OpenItem {
  item: Json;
  index: number;
  parts: { [place: string]: OpenPart };
}

interface OpenPart {
  text: string;
  annotations: number;
  closed: boolean;
}

class OrderReader {
  readonly faults: string[] = [];
  #sequence = 0;
  #response: Json | undefined;
  #open: OpenItem | undefined;
  readonly #items: Json[] = [];
  #error = false;
  #terminal: string | undefined;
  #done = false;

  constructor(private readonly codex: boolean) {}

  #must(condition: boolean, rule: string): void {
    if (!condition) this.faults.push(rule);
  }

  frame(frame: string): void {
    this.#must(!this.#done, 'nothing comes after [DONE]');
    if (frame.startsWith(':')) {
      this.#must(!frame.includes('\n'), 'a comment is one line');
      return;
    }
    if (frame === 'data: [DONE]') {
      this.#done = true;
      this.#must(this.#terminal !== undefined, '[DONE] comes after a terminal event');
      return;
    }
    const [, name, json] = /^(?:event: (\S+)\n)?data: (\{[^\r\n]*\})$/.exec(frame) ?? [];
    if (json === undefined) {
      this.faults.push(`no frame: ${frame.slice(0, 80)}`);
      return;
    }
    this.#event(JSON.parse(json) as Json, name);
  }

  end(): void {
    this.#must(this.#terminal !== undefined, 'a terminal event ends the stream');
    this.#must(this.#done || this.codex, '[DONE] comes last');
  }

  #event(event: Json, name: string | undefined): void {
    const keepalive = this.codex && event.type === 'keepalive';
    this.#must(name === event.type || (keepalive && name === undefined), `the frame is named ${event.type}`);
    this.#must(event.sequence_number === this.#sequence++, `sequence_number has no holes at ${event.type}`);
    this.#must(!('obfuscation' in event || 'safety_buffering' in event), 'padding is dropped');
    this.#must(this.#terminal === undefined, 'nothing comes after the terminal event');
    const act = lifecycle.find((each) => event.type === `response.${each}`);
    if (act !== undefined) {
      this.#lifecycle(event, act);
      return;
    }
    if (!publicTypes.some((type) => type.test(event.type))) {
      this.#must(this.codex, `${event.type} is private`);
      return;
    }
    this.#must(this.#response !== undefined, `response.created comes before ${event.type}`);
    if (event.type === 'error') this.#failure(event);
    else if (event.type === 'response.output_item.added') this.#added(event);
    else if (event.type === 'response.output_item.done') this.#itemDone(event);
    else this.#within(event);
  }

  #lifecycle(event: Json, act: string): void {
    const { response } = event;
    this.faults.push(...responseFaults(response));
    this.#must((act === 'created') === (this.#response === undefined), 'response.created comes once, first');
    this.#response ??= response;
    for (const key of ['id', 'model', 'created_at']) {
      this.#must(response[key] === this.#response?.[key], `${key} stays the same`);
    }
    if (!terminal.includes(event.type)) return;
    this.#terminal = event.type;
    this.#must(response.status === act, `the status of ${event.type} is ${act}`);
    this.#must(isDeepStrictEqual(response.output, this.#items), 'the final output is what was done');
    if (act === 'failed') this.#failed(response);
    else this.#must(this.#open === undefined && !this.#error, 'what was opened is closed at the end');
  }

  #failed(response: Json): void {
    this.#must(this.#error !== this.codex, 'a failure is told by `error`, except to Codex');
    const { code, message } = response.error ?? {};
    this.#must(typeof code === 'string' && typeof message === 'string', 'a failure has code and message');
  }

  #failure(event: Json): void {
    this.#error = true;
    const { error } = event;
    this.#must(
      event.code === error?.code && event.message === error?.message,
      'error: nested says what flat says',
    );
    this.#must(
      [error?.code, error?.message, error?.type].every((each) => typeof each === 'string'),
      'error: type, code and message are texts',
    );
    this.#must('param' in event && 'param' in (error ?? {}), 'error: param is there');
  }

  #added({ item, output_index: index }: Json): void {
    this.#must(this.#open === undefined, 'one item is open at a time');
    this.#must(index === this.#items.length, 'output_index is contiguous');
    this.#must(!this.#items.some(({ id }) => id === item.id), 'item ids are unique');
    this.faults.push(...itemFaults(item));
    this.#open = { item, index, parts: {} };
  }

  #itemDone({ item, output_index: index }: Json): void {
    const open = this.#open;
    this.#must(open !== undefined && open.index === index, 'an item is added before it is done');
    this.#must(open?.item.id === item.id && open?.item.type === item.type, 'an item keeps its id and type');
    this.faults.push(...itemFaults(item));
    if (/^(message|function_call|custom_tool_call)$/.test(item.type)) {
      this.#must(['completed', 'incomplete'].includes(item.status), 'a finished item has a status');
    }
    for (const [place, part] of Object.entries(open?.parts ?? {})) {
      this.#must(part.closed, 'a part is closed before its item');
      this.#must(textAt(item, place) === part.text, `the item's text is what was streamed at ${place}`);
    }
    this.#items.push(item);
    this.#open = undefined;
  }

  #within(event: Json): void {
    const open = this.#open;
    if (open === undefined || open.item.id !== event.item_id || open.index !== event.output_index) {
      if ('item_id' in event) this.faults.push(`${event.type} belongs to the open item`);
      return;
    }
    const [, name, act] = /^response\.(\w+)(?:\.annotation)?\.(\w+)$/.exec(event.type) ?? [];
    const place = placeOf(event, String(name));
    if (place === undefined) return;
    if (event.type === 'response.output_text.annotation.added') {
      const part = open.parts[place];
      this.#must(part?.annotations === event.annotation_index, 'annotation_index is contiguous');
      if (part) part.annotations += 1;
    } else if (/_part$/.test(String(name))) this.#part(event, open, place, String(act));
    else this.#text(event, open, place, String(act));
  }

  #part(event: Json, open: OpenItem, place: string, act: string): void {
    this.faults.push(...partFaults(event.part));
    if (act === 'added') {
      this.#must(!(place in open.parts), `a part is added once: ${place}`);
      const before = Object.keys(open.parts).filter((each) => each.split(' ')[0] === place.split(' ')[0]);
      this.#must(place.endsWith(` ${before.length}`), `part indexes are contiguous: ${place}`);
      this.#must(
        Object.values(open.parts).every(({ closed }) => closed),
        'one part is open at a time',
      );
      open.parts[place] = { text: '', annotations: 0, closed: false };
      return;
    }
    const part = open.parts[place];
    this.#must(part !== undefined && !part.closed, `a part is added before it is done: ${place}`);
    this.#must(
      (event.part.text ?? event.part.refusal) === part?.text,
      `the part is what was streamed: ${place}`,
    );
    if (part) part.closed = true;
  }

  #text(event: Json, open: OpenItem, place: string, act: string): void {
    if (place.endsWith('call')) open.parts[place] ??= { text: '', annotations: 0, closed: false };
    const part = open.parts[place];
    this.#must(part !== undefined && !part.closed, `${event.type} needs an open part`);
    if (part === undefined) return;
    if (event.type === `response.output_text.${act}`) {
      this.#must(Array.isArray(event.logprobs), 'text events have logprobs');
    }
    if (act === 'delta') {
      this.#must(typeof event.delta === 'string', 'a delta is text');
      part.text += event.delta;
      return;
    }
    const text = event.text ?? event.refusal ?? event.arguments ?? event.input;
    this.#must(text === part.text, `the deltas add up to ${event.type}`);
    if (place.endsWith('call')) part.closed = true;
  }
}

/** The part of its item that an event is about: `content 0`, `summary 1`, or the text of a call. */
function placeOf(event: Json, name: string): string | undefined {
  if ('summary_index' in event) return `summary ${event.summary_index}`;
  if ('content_index' in event) return `content ${event.content_index}`;
  return /^(function_call_arguments|custom_tool_call_input)$/.test(name) ? 'call' : undefined;
}

function textAt(item: Json, place: string): unknown {
  if (place === 'call') return item.arguments ?? item.input;
  const [list, index] = place.split(' ');
  const part = item[String(list)]?.[Number(index)];
  return part?.text ?? part?.refusal;
}
