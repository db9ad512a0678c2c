// Runs a planned turn: waits for a slot, opens the turn upstream, and forwards or collects its events. Knows neither
// HTTP nor the command line.
import { timed } from '../base/timed.ts';
import { Failure } from '../failure.ts';
import type { ModelNaming } from '../models/aliases.ts';
import { loadTokenizer } from '../models/tokenizer.ts';
import { Collector } from '../responses/collect.ts';
import type { EventSink } from '../responses/event-parser.ts';
import type { Dropped } from '../responses/request.ts';
import type { ResponsesResponse, Usage } from '../responses/response.ts';
import { requestTokens } from '../responses/token-count.ts';
import type { Translation, TurnTimes } from '../responses/translator.ts';
import { requestIdOf, type TurnRequest } from '../upstream/client.ts';
import { HeldTurn, type UpstreamTurn } from './held-turn.ts';
import type { PlannedTurn } from './plan.ts';
import type { Queue } from './queue.ts';
import type { QuotaGuard } from './quota-guard.ts';
import type { Caller, CallTimes } from './record.ts';

/** Where a turn comes from. */
export interface TurnOrigin {
  /** codexd's id for the request, on every log line about the turn. */
  readonly id: string;
  readonly headers: Headers;
  readonly caller: Caller;
  /** Ends the turn. */
  readonly signal: AbortSignal;
  /** Learns how long the turn has waited. */
  noteTimes?(times: CallTimes): void;
}

/** Of the keys that callers use. */
export interface TurnBudgets {
  /** Counts a turn. Throws `rate_limited` if the caller has used up a budget. */
  admit(caller: Caller): void;
  spend(caller: Caller, tokens: number): void;
}

export interface TurnRunnerOptions {
  openTurn: (request: TurnRequest, signal: AbortSignal) => Promise<UpstreamTurn>;
  plan: (translation: Translation, naming: ModelNaming, origin: TurnOrigin) => Promise<PlannedTurn>;
  queue: Queue;
  /** What the keys of callers may spend; without it, callers have no budgets. */
  budgets?: TurnBudgets;
  /** Holds or refuses turns while the plan is nearly used up. */
  quotaGuard?: QuotaGuard;
  /** Rejects requests with unsupported options instead of ignoring the options. Hints are always ignored. */
  strict: boolean;
}

export class TurnRunner {
  constructor(private readonly options: TurnRunnerOptions) {}

  /** `dropped` lists everything in the client's request that is ignored. */
  async plan(translation: Translation, naming: ModelNaming, origin: TurnOrigin): Promise<PlannedTurn> {
    const planned = await this.options.plan(translation, naming, origin);
    const dropped = [...translation.dropped, ...planned.dropped];
    if (this.options.strict) refuseDropped(dropped);
    return { ...planned, dropped };
  }

  /**
   * Waits for a slot and opens the turn. `accumulateText` keeps the texts for the end of the turn, as a whole response
   * needs them. If the plan's reset is near, returns a turn that waits for it when it is run.
   */
  async start(planned: PlannedTurn, origin: TurnOrigin, accumulateText: boolean): Promise<RunningTurn> {
    const { budgets, quotaGuard } = this.options;
    const waitMs = (await quotaGuard?.waitMs()) ?? 0;
    budgets?.admit(origin.caller);
    const slot = new Slot((usage) => budgets?.spend(origin.caller, tokensOf(usage, planned)));
    const open = () => this.#open(planned, origin, accumulateText, slot);
    const hold = (ms: number) => {
      const wait = async () => quotaGuard?.hold(ms, origin.signal);
      return new HeldTurn({ wait, open, nowMs: Date.now });
    };
    if (waitMs > 0) return new RunningTurn(hold(waitMs), slot);
    try {
      return new RunningTurn(await open(), slot);
    } catch (refusal) {
      const resetMs = quotaGuard?.waitAfter(refusal);
      if (resetMs === undefined) throw refusal;
      return new RunningTurn(hold(resetMs), slot);
    }
  }

  async #open(
    planned: PlannedTurn,
    origin: TurnOrigin,
    accumulateText: boolean,
    slot: Slot,
  ): Promise<UpstreamTurn> {
    const { queue, openTurn } = this.options;
    const { id, signal } = origin;
    const release = await timed(queue.enter(signal), (ms) => origin.noteTimes?.({ queue: ms }));
    try {
      const opening = openTurn({ ...planned.turn, accumulateText, requestId: id }, signal);
      const turn = await timed(opening, (ms) => origin.noteTimes?.({ upstream: ms }));
      slot.occupy(release);
      return turn;
    } catch (thrown) {
      release();
      throw await explainRefusal(thrown, planned);
    }
  }
}

/** A turn's slot in the queue. A turn that is held has none until it is opened, and may end before. */
class Slot {
  #release: (() => void) | undefined;
  #isOver = false;

  constructor(private readonly ended: (usage: Usage | undefined) => void) {}

  occupy(release: () => void): void {
    this.#release = release;
    if (this.#isOver) release();
  }

  free(usage: Usage | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#release === undefined) return;
    this.#release();
    this.ended(usage);
  }
}

/** Keeps its slot in the queue until `end` is called. */
export class RunningTurn {
  readonly times: TurnTimes;

  constructor(
    private readonly turn: UpstreamTurn,
    private readonly slot: Pick<Slot, 'free'>,
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

  /** Parts of the request that were omitted because the upstream refused them. */
  get leftOut(): Dropped[] {
    return this.turn.leftOut;
  }

  /** Whether the first event has arrived. */
  get settled(): boolean {
    return this.turn.settled;
  }

  /** The finished response, with `output` as the upstream sent it. Undefined before the turn has ended. */
  get response(): ResponsesResponse | undefined {
    return this.turn.response;
  }

  get usage(): Usage | undefined {
    return this.turn.response?.usage ?? undefined;
  }

  /** Passes all events to `sink`, and awaits `afterRead` after those of each network read. */
  run(sink: EventSink, afterRead?: () => Promise<void> | undefined): Promise<void> {
    return this.turn.run(sink, afterRead);
  }

  /** Closes the connection to the upstream. */
  cancel(): void {
    this.turn.cancel();
  }

  /** Frees the slot in the queue. */
  end(): void {
    this.slot.free(this.usage);
  }

  /** Runs the whole turn. The response contains the complete output. */
  async collect(): Promise<ResponsesResponse> {
    const collector = new Collector();
    try {
      await this.run((event) => collector.push(event));
    } finally {
      this.cancel();
      this.end();
    }
    const { response } = collector;
    if (response === undefined) throw new Error('the turn ended without a terminal event');
    return response;
  }
}

/**
 * Adds what the upstream does not report: by how much a conversation exceeds the context window, which clients read before
 * they compact it, and the account's models.
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
  const advice = `This account can use ${otherModels().join(', ') || 'no other model'}.`;
  return new Failure(kind, message, { code, param, details, advice, upstreamHeaders, cause: thrown });
}

/** Roughly. */
const charactersPerToken = 4;

/**
 * What a turn costs its caller's budget. A turn that was cut off before the upstream reported its usage costs what was sent:
 * a client could otherwise save its budget by disconnecting.
 */
function tokensOf(usage: Usage | undefined, { turn }: PlannedTurn): number {
  if (usage === undefined) return Math.ceil(JSON.stringify(turn.body).length / charactersPerToken);
  return usage.input_tokens + usage.output_tokens;
}

/** In strict mode, nothing that affects the answer is dropped. */
export function refuseDropped(dropped: readonly Dropped[]): void {
  const first = dropped.find(({ hint }) => hint !== true);
  if (first === undefined) return;
  throw new Failure('invalid_request', `\`${first.field}\` is not supported: ${first.why}`, {
    code: 'unsupported_parameter',
    param: first.field,
    advice: 'Remove it, or set `server.strict = false`.',
  });
}
