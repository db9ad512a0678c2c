// Reads events from their JSON, whatever it is framed in. Deltas that look like earlier ones are not parsed.
import { parseExact, withExactNumbers } from '../base/exact-json.ts';
import { Failure } from '../failure.ts';
import { DeltaLayouts } from './delta-layout.ts';
import { DeltaEvent, type DeltaType, type ResponsesEvent } from './event.ts';
import { isObject } from './fields.ts';
import { fieldsOf, type JsonField } from './json-scan.ts';

export type EventSink = (event: ResponsesEvent) => void;

export class EventParser {
  readonly #deltas = new DeltaLayouts();

  /** Passes on the event that is a text of its own, as a WebSocket message is. */
  readMessage(json: string, sink: EventSink): void {
    if (this.readDeltas(json, 0, sink) < json.length) this.read(json, json, sink);
  }

  /** Passes on the deltas at `from` of a text of framed events. Returns the position of the first event to be parsed. */
  readDeltas(text: string, from: number, sink: EventSink): number {
    return this.#deltas.read(text, from, sink);
  }

  /** Passes on an event from its JSON. `framed`: the text it was found in, from its first character to its last. */
  read(json: string, framed: string, sink: EventSink): void {
    if (!json.startsWith('{')) return; // `[DONE]` and noise, which Codex skips too
    const event = parseObject(json);
    const type = event?.type;
    if (event === undefined || typeof type !== 'string') return;
    if (!deltaTypes.has(type) || typeof event.delta !== 'string') {
      sink(wholeEvent(event, json) as ResponsesEvent);
      return;
    }
    const fields = fieldsOf(json);
    const delta = new DeltaEvent(
      type as DeltaType,
      typeof event.item_id === 'string' ? event.item_id : '',
      index(event.output_index) ?? -1,
      index(event.content_index) ?? index(event.summary_index) ?? 0,
      deltaLiteral(json, fields),
    );
    this.#deltas.learn(delta, framed, json, fields);
    sink(delta);
  }
}

const deltaTypes: ReadonlySet<string> = new Set<DeltaType>([
  'response.output_text.delta',
  'response.refusal.delta',
  'response.reasoning_summary_text.delta',
  'response.reasoning_text.delta',
  'response.function_call_arguments.delta',
  'response.custom_tool_call_input.delta',
]);

/** The delta as the upstream wrote it. If there are two members of that name, JSON takes the last. */
function deltaLiteral(json: string, fields: JsonField[]): string {
  const { start, end } = fields.findLast(({ key }) => key === 'delta') as JsonField;
  return json.slice(start, end);
}

/** An escape that may be half of a surrogate pair. */
const surrogateEscape = /\\u[dD][89a-fA-F]/;

/** Replaces a lone surrogate by U+FFFD. Pairs split between deltas are joined later (item.ts). */
function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

function parseObject(json: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new Failure('upstream_broke', 'The upstream sent an event that is not JSON.', {
      code: 'invalid_event',
      cause,
    });
  }
  return isObject(value) ? value : undefined;
}

/** An event as parsed, without lone surrogates. */
function wholeEvent(event: Record<string, unknown>, json: string): Record<string, unknown> {
  if (!surrogateEscape.test(json)) return exact(event, json);
  const text = JSON.stringify(parseExact(json), wellFormed);
  return exact(JSON.parse(text) as typeof event, text);
}

/** The event with its numbers as the upstream wrote them, except those that codexd calculates with. */
function exact(event: Record<string, unknown>, json: string): Record<string, unknown> {
  if (!String(event.type).startsWith('response.')) return event; // quota and the like, for codexd alone
  const kept = withExactNumbers(event, json);
  if (kept === event) return event;
  const indexes = Object.entries(event).filter(([, value]) => typeof value === 'number');
  const whole = { ...kept, ...Object.fromEntries(indexes) };
  if (!isObject(event.response) || !isObject(kept.response)) return whole;
  const counted = Object.entries(event.response).filter(([key]) => counts.has(key));
  return { ...whole, response: { ...kept.response, ...Object.fromEntries(counted) } };
}

/** Times, token counts and limits of a response. */
const counts = new Set(['created_at', 'completed_at', 'usage', 'tool_usage', 'error']);

function index(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
