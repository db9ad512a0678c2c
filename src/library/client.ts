// The ChatGPT login as an object: turns, models and transcription without a daemon. Runs on Bun and on Node.
import { createServices, type Services } from '../app/services.ts';
import type { Setup } from '../app/setup.ts';
import type { Speech } from '../app/speech.ts';
import { createTurnRunner, translationContext } from '../app/turns.ts';
import type { Transcript } from '../audio/transcript.ts';
import { resolveDefault, visibleModels } from '../models/aliases.ts';
import {
  type CoreEvent,
  DeltaEvent,
  type OutputItemEvent,
  type ResponsesEvent,
  type TerminalEvent,
} from '../responses/event.ts';
import { readyEvents } from '../responses/ready.ts';
import type { Dropped } from '../responses/request.ts';
import { hasType, type OutputItem, type ResponsesResponse } from '../responses/response.ts';
import type { Translation, TurnTimes } from '../responses/translator.ts';
import { Queue } from '../turns/queue.ts';
import { memoryLimits, ReasoningMemory } from '../turns/reasoning-memory.ts';
import type { TurnRunner } from '../turns/run.ts';
import { eventsOf, type PlainDelta, plainDelta } from './events.ts';
import { type LibraryOptions, openSetup } from './options.ts';
import { type AudioSource, type SpeechOptions, transcribeWith } from './speech.ts';
import { type ApiTranslator, translators } from './translators.ts';

export interface CallOptions {
  /** Ends the turn; the call throws a Failure of kind `cancelled`. */
  signal?: AbortSignal;
  /** The client's HTTP headers, for options that an API has there and for a session's name. */
  headers?: Headers | Record<string, string>;
  /** Called when the turn starts, with the model that answers and the options that the upstream does not support. */
  onStart?: (start: { model: string; ignored: readonly Dropped[] }) => void;
}

/** The body of a request. Without `model`, the account's default model answers. */
export type Body = { model?: string } & Record<string, unknown>;

/**
 * An event of the Responses API. The last one, `response.completed` or `response.incomplete`, contains the whole
 * response. There are further types, such as the progress of a web search.
 */
export type StreamEvent = PlainDelta | Exclude<CoreEvent, DeltaEvent>;

/** The response, with the text of its messages in `output_text`. */
export type WholeResponse = ResponsesResponse & { output_text: string };

export interface Account {
  email: string | undefined;
  /** E.g. `plus`. */
  plan: string | undefined;
  accountId: string | undefined;
  /** When the access token expires; it is refreshed before that. */
  expiresAt: Date | undefined;
  /** Where the login comes from, and its file, if it has one. */
  origin: 'bearer' | 'environment' | 'auth-file' | 'own' | 'codex';
  path: string | undefined;
}

export interface ModelFacts {
  id: string;
  name: string;
  description: string;
  /** In tokens. */
  contextWindow: number;
  /** Reasoning efforts, from low to high. */
  efforts: readonly string[];
  defaultEffort: string | undefined;
  /** E.g. `text`, `image`. */
  inputs: readonly string[];
}

/** A turn, of which either the events or the response are read, once. */
interface Started<T extends Translation> {
  translation: T;
  times: TurnTimes | undefined;
  events(): AsyncIterable<ResponsesEvent>;
  response(): Promise<ResponsesResponse>;
}

export class CodexClient {
  readonly #setup: Setup;
  readonly #services: Services;
  readonly #turns: TurnRunner;
  #speech: Promise<Speech> | undefined;

  /** Reads the settings; the login is read with the first call. Throws a Failure if a setting is invalid. */
  constructor(options: LibraryOptions = {}) {
    this.#setup = openSetup(options);
    this.#services = createServices(this.#setup);
    const { server } = this.#setup.config;
    this.#turns = createTurnRunner(this.#setup, this.#services, {
      queue: new Queue({
        concurrency: server.concurrency,
        waiting: server.queue,
        timeoutMs: server.queueTimeoutSeconds * 1000,
      }),
      reasoning: new ReasoningMemory(memoryLimits, () => performance.now()),
      strict: server.strict,
    });
  }

  /** The login in use, refreshed if that is due. Throws a Failure of kind `login_required` if there is none. */
  async login(): Promise<Account> {
    await this.#services.login.get();
    const { email, plan, accountId, expiresAtMs, origin, path } = this.#services.login.facts();
    const expiresAt = expiresAtMs === undefined ? undefined : new Date(expiresAtMs);
    return { email, plan, accountId, expiresAt, origin, path };
  }

  /** The account's models, the default first. */
  async models(): Promise<ModelFacts[]> {
    return visibleModels(await this.#services.naming()).map((model) => ({
      id: model.slug,
      name: model.displayName,
      description: model.description,
      contextWindow: model.contextWindow,
      efforts: model.efforts,
      defaultEffort: model.defaultEffort,
      inputs: model.inputModalities,
    }));
  }

  /**
   * Sends a body of the Responses API, e.g. `{ input: 'Why is the sky blue?' }`, and returns the whole response. Throws a
   * Failure.
   */
  async respond(body: Body, options: CallOptions = {}): Promise<WholeResponse> {
    const response = await this.call(translators.openai.responses, { ...body, store: false }, options);
    return { ...response, output_text: textOf(response) };
  }

  /** Sends a body of the Responses API and yields its events as they arrive. Leaving the loop ends the turn. */
  async *stream(body: Body, options: CallOptions = {}): AsyncGenerator<StreamEvent, void> {
    const translator = translators.openai.responses;
    const sent = { ...body, store: false, stream: true };
    const { events, translation } = await this.#start(translator, sent, options, true);
    const output: OutputItem[] = [];
    for await (const event of events()) {
      if (event instanceof DeltaEvent) yield plainDelta(event);
      else if (event.type === 'response.completed' || event.type === 'response.incomplete') {
        const response = { ...(event as TerminalEvent).response, output };
        yield { ...event, response: translator.whole(response, translation) } as StreamEvent;
      } else {
        if (event.type === 'response.output_item.done') output.push((event as OutputItemEvent).item);
        yield event as StreamEvent;
      }
    }
  }

  /** Sends a body of any API and returns the response body of that API: `call(translators.openai.chat, { messages })`. */
  async call<T extends Translation, Whole>(
    translator: ApiTranslator<T, Whole>,
    body: Body,
    options: CallOptions = {},
  ): Promise<Whole> {
    const sent = { ...body, stream: false };
    const { response, translation, times } = await this.#start(translator, sent, options, true);
    return translator.translator.whole(await response(), translation, times) as Whole;
  }

  /**
   * Sends a body of any API and yields the frames of that API's stream as text. Throws a Failure, also after the first
   * frame. Leaving the loop ends the turn.
   */
  async *callStream<T extends Translation>(
    translator: ApiTranslator<T>,
    body: Body,
    options: CallOptions = {},
  ): AsyncGenerator<string, void> {
    const { repeatsText } = translator.translator;
    const sent = { ...body, stream: true };
    const { events, translation, times } = await this.#start(translator, sent, options, repeatsText);
    const encoder = translator.translator.stream(translation, times);
    for await (const event of events()) {
      const frames = encoder.push(event);
      if (frames !== '') yield frames;
      if (encoder.finished) return;
    }
  }

  /**
   * Transcribes a recording: a path, a `file:` URL, or its bytes. Throws a Failure; if only some segments failed, its cause
   * is a `PartialTranscript`.
   */
  async transcribe(source: AudioSource, options: SpeechOptions = {}): Promise<Transcript> {
    this.#speech ??= this.#openSpeech();
    return transcribeWith(await this.#speech, source, options);
  }

  /** Stops the processes of transcription and removes its files. Turns need no closing. */
  async close(): Promise<void> {
    const speech = await this.#speech;
    this.#speech = undefined;
    await speech?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #openSpeech(): Promise<Speech> {
    const { createSpeech } = await import('../app/speech.ts');
    return createSpeech(this.#setup, this.#services);
  }

  async #start<T extends Translation>(
    { translator, naming }: ApiTranslator<T>,
    body: Body,
    { signal = new AbortController().signal, headers: given, onStart }: CallOptions,
    accumulateText: boolean,
  ): Promise<Started<T>> {
    const headers = new Headers(given);
    const origin = {
      ...{ id: this.#services.newId('call'), headers, signal },
      caller: { name: 'library', models: undefined },
    };
    const model = body.model ?? (await this.#defaultModel());
    const translation = translator.request(
      { ...body, model },
      { ...translationContext(this.#setup), headers, requestId: origin.id },
    );
    const planned = await this.#turns.plan(translation, naming, origin);
    if (translation.ready !== undefined) {
      onStart?.({ model: planned.turn.body.model, ignored: planned.dropped });
      return startedWith(translation, translation.ready);
    }
    const turn = await this.#turns.start(planned, origin, accumulateText);
    onStart?.({ model: planned.turn.body.model, ignored: [...planned.dropped, ...turn.leftOut] });
    return { translation, times: turn.times, events: () => eventsOf(turn), response: () => turn.collect() };
  }

  async #defaultModel(): Promise<string> {
    // Without a usable login this is the only error; fetching the models would report another.
    await this.#services.login.get();
    const { models } = this.#setup.config;
    return models.default ?? resolveDefault(await this.#services.naming()).model.slug;
  }
}

/** No turn is needed. */
function startedWith<T extends Translation>(translation: T, ready: ResponsesResponse): Started<T> {
  return {
    translation,
    times: undefined,
    async *events() {
      yield* readyEvents(ready);
    },
    response: async () => ready,
  };
}

function textOf({ output = [] }: ResponsesResponse): string {
  const parts = output.filter((item) => hasType(item, 'message')).flatMap(({ content }) => content);
  return parts.flatMap((part) => (part.type === 'output_text' ? [part.text] : [])).join('');
}
