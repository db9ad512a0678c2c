// Encodes a turn as the events of POST /v1/responses (docs/wire/openai.md#responses-events, #error-pair). The
// upstream's events are the same, so this only renumbers them, adds the client's request to the response object, and
// removes private fields.
import type { Failure } from '../../../failure.ts';
import { Collector } from '../../../responses/collect.ts';
import {
  type ContentPartEvent,
  DeltaEvent,
  type DeltaType,
  type LifecycleEvent,
  type OutputItemEvent,
  type ResponsesEvent,
  type TerminalEvent,
} from '../../../responses/event.ts';
import type { ResponsesResponse } from '../../../responses/response.ts';
import type { Encoder } from '../../../responses/translator.ts';
import { type Framing, framed, serverSentEvents } from '../../../stream/framing.ts';
import { type OpenaiError, openaiErrorObject } from '../errors.ts';
import { publicEvents } from './event-types.ts';
import { outputItem, outputPart } from './output.ts';
import { failedResponseError, responseObject } from './response-object.ts';
import type { ResponsesTranslation } from './types.ts';

/** For a turn that failed before the upstream assigned an id. */
export interface EncoderContext {
  newId: (prefix: string) => string;
  nowMs: () => number;
}

interface Frame {
  type: string;
  [key: string]: unknown;
}

/** Marks the end of a stream. */
const doneMark = 'data: [DONE]';

export class ResponsesEncoder implements Encoder {
  finished = false;
  #sequence = 0;
  #created: ResponsesResponse | undefined;
  /** The finished items: the list in the upstream's final response is usually empty. */
  readonly #collector = new Collector();
  /** The text before every delta of the open part. */
  #prefix = '';
  #prefixOf: { type: DeltaType; output: number; part: number } | undefined;

  constructor(
    private readonly translation: ResponsesTranslation,
    private readonly ambient: EncoderContext,
    private readonly framing: Framing = serverSentEvents,
  ) {}

  push(event: ResponsesEvent): string {
    if (event instanceof DeltaEvent) return this.#delta(event);
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return this.#lifecycle(event as LifecycleEvent);
      case 'response.completed':
      case 'response.incomplete':
        return this.#end(event as TerminalEvent);
      case 'response.output_item.added':
      case 'response.output_item.done':
        return this.#item(event as OutputItemEvent);
      case 'response.content_part.added':
      case 'response.content_part.done':
        return this.#frame({ ...event, part: outputPart((event as ContentPartEvent).part) });
      default:
        return this.translation.codex || publicEvents.has(event.type) ? this.#frame(event) : '';
    }
  }

  /**
   * SDK clients get `error` and `response.failed`. `error` is both nested and flat, because Zed and the AI SDK each
   * reject one form. Codex would count the pair as two failures.
   */
  fail(failure: Failure): string {
    const opening = this.#created === undefined ? this.#lifecycle(this.#failedBeforeStart()) : '';
    const error = openaiErrorObject(failure, 'input');
    if (this.translation.codex) return opening + this.#failed(codexError(failure, error));
    const code = error.code ?? error.type;
    const { message, param } = error;
    return (
      opening +
      this.#frame({ type: 'error', code, message, param, error: { ...error, code } }) +
      this.#failed(failedResponseError(failure)) +
      this.framing.aside(doneMark)
    );
  }

  /** Only events reset Codex's idle timer (Menci/Floway#498). */
  heartbeat(): string {
    if (!this.translation.codex) return this.framing.aside(': keep-alive');
    return framed(this.framing, undefined, { type: 'keepalive', sequence_number: this.#sequence++ });
  }

  /** For nine events in ten: builds no object and quotes nothing, but inserts the delta's own literal. */
  #delta(event: DeltaEvent): string {
    const known = this.#prefixOf;
    if (
      known === undefined ||
      known.type !== event.type ||
      known.output !== event.output_index ||
      known.part !== event.part_index
    ) {
      this.#prefix = this.framing.before(event.type) + prefixOf(event);
      this.#prefixOf = { type: event.type, output: event.output_index, part: event.part_index };
    }
    return `${this.#prefix}${event.json},"sequence_number":${this.#sequence++}}${this.framing.after}`;
  }

  #lifecycle(event: LifecycleEvent): string {
    this.#created ??= event.response;
    return this.#frame({ ...event, response: responseObject(event.response, this.translation, []) });
  }

  #item(event: OutputItemEvent): string {
    const shown = { ...event, item: outputItem(event.item, this.translation) };
    this.#collector.push(shown);
    return this.#frame(shown);
  }

  #end(event: TerminalEvent): string {
    this.finished = true;
    const response = responseObject(event.response, this.translation, this.#collector.output);
    return this.#frame({ ...event, response }) + this.framing.aside(doneMark);
  }

  #failed(error: { code: string; message: string }): string {
    const failed = { ...this.#created, id: this.#created?.id ?? '', status: 'failed', error };
    const response = responseObject(failed, this.translation, this.#collector.output);
    return this.#frame({ type: 'response.failed', response });
  }

  /** The response of a turn that failed before it had one, since clients require `response.created` first. */
  #failedBeforeStart(): LifecycleEvent {
    const id = this.ambient.newId('resp');
    const created_at = Math.floor(this.ambient.nowMs() / 1000);
    return { type: 'response.created', response: { id, created_at, status: 'in_progress' } };
  }

  #frame(event: ResponsesEvent | Frame): string {
    const shown = {
      ...event,
      obfuscation: undefined,
      safety_buffering: undefined,
      sequence_number: this.#sequence++,
    };
    return framed(this.framing, event.type, shown);
  }
}

const partKeys: Record<DeltaType, string | undefined> = {
  'response.output_text.delta': 'content_index',
  'response.refusal.delta': 'content_index',
  'response.reasoning_text.delta': 'content_index',
  'response.reasoning_summary_text.delta': 'summary_index',
  'response.function_call_arguments.delta': undefined,
  'response.custom_tool_call_input.delta': undefined,
};

function prefixOf({ type, item_id, output_index, part_index }: DeltaEvent): string {
  const key = partKeys[type];
  const fields = {
    type,
    item_id,
    output_index,
    ...(key !== undefined && { [key]: part_index }),
    ...(type === 'response.output_text.delta' && { logprobs: [] }),
  };
  return `${JSON.stringify(fields).slice(0, -1)},"delta":`;
}

/** Codex decides by `code` whether to retry, and takes the delay from the text (docs/wire/upstream.md#failed). */
function codexError(failure: Failure, { param: _, ...error }: OpenaiError) {
  const code = error.code ?? error.type;
  const { retryAfterMs } = failure;
  const hint =
    code === 'rate_limit_exceeded' && retryAfterMs !== undefined && !/try again in/i.test(error.message);
  const message = hint ? `${error.message} Please try again in ${retryAfterMs / 1000}s.` : error.message;
  return { ...error, code, message };
}
