// Runs a planned turn: waits for a place, opens it upstream, and hands its events on or collects them. Knows neither HTTP
// nor the command line.
import { Failure } from '../failure.ts';
import type { ModelNaming } from '../models/aliases.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { Collector } from '../responses/collect.ts';
import type { EventSink } from '../responses/decode.ts';
import type { Dropped } from '../responses/request.ts';
import type { ResponsesResponse, Usage } from '../responses/response.ts';
import { requestTokens } from '../responses/token-count.ts';
import type { Translation, TurnTimes } from '../responses/translator.ts';
import { requestIdOf, type TurnRequest } from '../upstream/client.ts';
import type { Turn } from '../upstream/turn.ts';
import type { PlannedTurn } from './plan.ts';
import type { Queue } from './queue.ts';
import type { Caller } from './record.ts';

/** Who wants the turn. */
export interface TurnOrigin {
  /** Our id of the request; stands on every log line about the turn. */
  readonly id: string;
  readonly headers: Headers;
  readonly caller: Caller;
  /** Ends the turn. */
  readonly signal: AbortSignal;
}

export interface TurnRunnerOptions {
  openTurn: (request: TurnRequest, signal: AbortSignal) => Promise<Turn>;
  plan: (translation: Translation, naming: ModelNaming, origin: TurnOrigin) => Promise<PlannedTurn>;
  queue: Queue;
  /** Refuses a request that asks for something unsupported, instead of leaving that out. Hints are left out either way. */
  strict: boolean;
}

export class TurnRunner {
  constructor(private readonly options: TurnRunnerOptions) {}

  /** `dropped` names everything of the client's request that is left out. */
  async plan(translation: Translation, naming: ModelNaming, origin: TurnOrigin): Promise<PlannedTurn> {
    const planned = await this.options.plan(translation, naming, origin);
    const dropped = [...translation.dropped, ...planned.dropped];
    if (this.options.strict) refuseDropped(dropped);
    return { ...planned, dropped };
  }

  /**
   * Waits for a place and opens the turn. `accumulateText`: the texts are needed again at the end, as they are for a whole
   * answer.
   */
  async start(
    planned: PlannedTurn,
    { id, signal }: TurnOrigin,
    accumulateText: boolean,
  ): Promise<RunningTurn> {
    const leave = await this.options.queue.enter(signal);
    try {
      const turn = await this.options.openTurn({ ...planned.turn, accumulateText, requestId: id }, signal);
      return new RunningTurn(turn, leave);
    } catch (thrown) {
      leave();
      throw await explainRefusal(thrown, planned);
    }
  }
}

/** Keeps its place in the queue until `end` is called. */
export class RunningTurn {
  readonly times: TurnTimes;

  constructor(
    private readonly turn: Turn,
    private readonly leave: () => void,
  ) {
    this.times = turn.times;
  }

  /** The upstream's response headers. */
  get headers(): Headers {
    return this.turn.headers;
  }

  get upstreamRequestId(): string | undefined {
    return requestIdOf(this.turn.headers);
  }

  /** What was left out of the request because the upstream refused it. */
  get leftOut(): Dropped[] {
    return this.turn.leftOut;
  }

  /** The upstream has begun its answer. */
  get settled(): boolean {
    return this.turn.settled;
  }

  /** The finished response, its `output` as the upstream sent it. Undefined before the turn has ended. */
  get response(): ResponsesResponse | undefined {
    return this.turn.response;
  }

  get usage(): Usage | undefined {
    return this.turn.response?.usage ?? undefined;
  }

  /** Hands the events to `sink`; waits for the promise that `afterRead` may return after each network read. */
  run(sink: EventSink, afterRead?: () => Promise<void> | undefined): Promise<void> {
    return this.turn.run(sink, afterRead);
  }

  /** The rest is not needed: closes the connection to the upstream. */
  cancel(): void {
    this.turn.cancel();
  }

  /** Gives the place in the queue back. */
  end(): void {
    this.leave();
  }

  /** Runs the turn to its end; the response has its whole output. */
  async collect(): Promise<ResponsesResponse> {
    const collector = new Collector();
    try {
      await this.run((event) => collector.push(event));
    } finally {
      this.cancel();
      this.end();
    }
    const { response } = collector;
    if (response === undefined) throw new Error('the grammar let a turn end without its terminal event');
    return response;
  }
}

/**
 * Adds what the upstream does not say: by how much a conversation exceeds the window, which clients read before they
 * compact it, and the models that the account has.
 */
async function explainRefusal(
  thrown: unknown,
  { turn, contextWindow, otherModels }: PlannedTurn,
): Promise<unknown> {
  if (!(thrown instanceof Failure)) return thrown;
  const { kind, message, code, param, details, upstreamHeaders } = thrown;
  if (code === 'context_length_exceeded') {
    details.context_window = contextWindow;
    details.input_tokens = requestTokens(turn.body, await loadTokenizer());
  }
  if (code !== 'model_not_supported') return thrown;
  const advice = `This account is offered ${otherModels().join(', ') || 'no other model'}.`;
  return new Failure(kind, message, { code, param, details, advice, upstreamHeaders, cause: thrown });
}

/** In strict mode nothing is dropped that changes the answer. */
export function refuseDropped(dropped: readonly Dropped[]): void {
  const first = dropped.find(({ hint }) => hint !== true);
  if (first === undefined) return;
  throw new Failure('invalid_request', `\`${first.field}\` is not supported: ${first.why}`, {
    code: 'unsupported_parameter',
    param: first.field,
    advice: 'Leave it out, or set `server.strict = false`.',
  });
}
