// Claude Code repeats a refused request without an optional beta, without tool search and without streaming, so flagged
// content would be flagged four times. For a few seconds, the same session gets the same refusal without a new request.
import type { Failure } from '../failure.ts';
import type { UpstreamBody } from './request.ts';

const keptMs = 5000;
const maxEntries = 200;

/** Statuses that a repetition does not change. */
const finalStatuses = new Set([400, 404, 422]);
const aboutModel = new Set(['model_not_supported', 'model_not_found']);
const isPolicy = ({ code = '' }: Failure) => code.includes('policy');

export class RecentRefusals {
  readonly #known = new Map<string, { failure: Failure; untilMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** Throws the refusal that this request got a moment ago, if any. */
  rethrow(session: string, body: UpstreamBody): void {
    if (this.#known.size === 0) return;
    for (const key of [modelKey, messageKey, bodyKey]) {
      const known = this.#known.get(key(session, body));
      if (known !== undefined && this.nowMs() < known.untilMs) throw known.failure;
    }
  }

  note(session: string, body: UpstreamBody, failure: Failure): void {
    if (failure.retry || !finalStatuses.has(failure.status)) return;
    const key = aboutModel.has(failure.code ?? '') ? modelKey : isPolicy(failure) ? messageKey : bodyKey;
    this.#known.set(key(session, body), { failure, untilMs: this.nowMs() + keptMs });
    for (const [each, { untilMs }] of this.#known) {
      if (this.#known.size > maxEntries || this.nowMs() >= untilMs) this.#known.delete(each);
    }
  }
}

function modelKey(session: string, { model }: UpstreamBody): string {
  return `model ${session} ${model}`;
}

/** The user's message is what was flagged, whatever the tools. */
function messageKey(session: string, { input }: UpstreamBody): string {
  const lastMessage = input.findLast((item) => 'role' in item && item.role === 'user');
  return `message ${session} ${Bun.hash(JSON.stringify(lastMessage ?? null))}`;
}

function bodyKey(session: string, body: UpstreamBody): string {
  return `body ${session} ${Bun.hash(JSON.stringify(body))}`;
}
