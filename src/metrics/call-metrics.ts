// What is counted of calls and of the upstream, from the start of the daemon.
import { DistinctNames } from '../base/distinct-names.ts';
import type { FailureKind } from '../failure.ts';
import type { CacheTurn } from '../ledger/cache-watch.ts';
import type { Usage } from '../responses/response.ts';
import type { CallRecord } from '../turns/record.ts';
import type { UpstreamObserver } from '../upstream/client.ts';
import { Counter, Histogram, type Metric } from './metric.ts';

/** From a cached list of models to a long turn. */
const durationBounds = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const firstTokenBounds = [0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 21, 34, 60, 120];
const waitBounds = [0.001, 0.01, 0.1, 0.5, 1, 5, 10, 30, 60];

/** Clients invent names of models; Prometheus keeps a time series for each. */
const maxModels = 50;

export class CallMetrics {
  readonly #models = new DistinctNames(maxModels);
  readonly #requests = new Counter('codexd_requests_total', 'Requests by endpoint and status.');
  readonly #durations = new Histogram(
    'codexd_request_duration_seconds',
    'Time from a request to the end of its response.',
    durationBounds,
  );
  readonly #firstTokens = new Histogram(
    'codexd_time_to_first_token_seconds',
    'Time from a request to the first byte of its streamed response.',
    firstTokenBounds,
  );
  readonly #failures = new Counter('codexd_failures_total', 'Requests that failed, by kind of failure.');
  readonly #tokens = new Counter(
    'codexd_tokens_total',
    'Tokens by model and kind; cached tokens are part of input, reasoning tokens of output.',
  );
  readonly #audio = new Counter(
    'codexd_transcribed_audio_seconds_total',
    'Length of transcribed recordings.',
  );
  readonly #waits = new Histogram(
    'codexd_queue_wait_seconds',
    'Time that turns and transcriptions waited for a free slot.',
    waitBounds,
  );
  readonly #upstreamResponses = new Counter(
    'codexd_upstream_responses_total',
    'Responses of the upstream by HTTP status.',
  );
  readonly #retries = new Counter(
    'codexd_upstream_retries_total',
    'Requests sent to the upstream again, by the kind of failure before.',
  );

  readonly #losses = new Counter(
    'codexd_prompt_cache_losses_total',
    'Turns whose prompt was cached less than the turn before, by the first part that had changed.',
  );
  readonly #lostTokens = new Counter(
    'codexd_prompt_cache_lost_tokens_total',
    'Input tokens repeated from the previous turn that were not cached, by the first part that had changed.',
  );

  /** Observes calls. */
  readonly observe = (record: CallRecord): void => {
    const { api = 'none', endpoint = 'unknown', status, usage, audioSeconds, failure, times } = record;
    const model = this.#models.nameOf(record.modelUsed ?? 'unknown');
    this.#requests.add({ api, endpoint, status });
    // A WebSocket stays open for hours. Its calls are records of their own.
    if (status !== 101) this.#durations.observe({ api, endpoint }, record.totalMs / 1000);
    if (record.firstByteMs !== undefined) this.#firstTokens.observe({ model }, record.firstByteMs / 1000);
    if (failure !== undefined) this.#failures.add({ kind: failure.kind });
    if (usage !== undefined) this.#addTokens(model, usage);
    if (audioSeconds !== undefined) this.#audio.add({ model }, audioSeconds);
    if (times?.queue !== undefined) this.#waits.observe({}, times.queue / 1000);
  };

  readonly upstream: UpstreamObserver = {
    responded: (status: number) => this.#upstreamResponses.add({ status }),
    retried: (reason: FailureKind) => this.#retries.add({ reason }),
  };

  readonly noteTurn = ({ loss }: CacheTurn): void => {
    if (loss === undefined) return;
    // `input[7] message user` is `input`.
    const part = /^[a-z]+/.exec(loss.difference?.part ?? '')?.[0] ?? 'unchanged';
    this.#losses.add({ part });
    this.#lostTokens.add({ part }, loss.lostTokens);
  };

  all(): Metric[] {
    return [
      ...[this.#requests, this.#durations, this.#firstTokens, this.#failures, this.#tokens],
      ...[this.#audio, this.#waits, this.#upstreamResponses, this.#retries],
      ...[this.#losses, this.#lostTokens],
    ];
  }

  #addTokens(model: string, usage: Usage): void {
    const kinds = {
      input: usage.input_tokens,
      cached: usage.input_tokens_details?.cached_tokens ?? 0,
      output: usage.output_tokens,
      reasoning: usage.output_tokens_details?.reasoning_tokens ?? 0,
    };
    for (const [kind, tokens] of Object.entries(kinds)) this.#tokens.add({ model, kind }, tokens);
  }
}
