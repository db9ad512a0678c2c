// Claude Code sends a request that was refused again, without an optional beta, without tool search, or not streamed:
// flagged content would be flagged four times. For a moment the same session gets the same answer without asking again.
import type { Failure } from '../failure.ts';
import type { UpstreamBody } from './request.ts';

const keptMs = 5000;
const most = 200;

/** Refusals that no repetition changes, and what they are about. */
const final = new Set([400, 404, 422]);
const aboutModel = new Set(['model_not_supported', 'model_not_found']);
const isPolicy = ({ code = '' }: Failure) => code.includes('policy');

export class Refusals {
  readonly #known = new Map<string, { failure: Failure; untilMs: number }>();

  constructor(private readonly nowMs: () => number) {}

  /** Throws the refusal that this request has had a moment ago. */
  repeat(session: string, body: UpstreamBody): void {
    if (this.#known.size === 0) return;
    for (const key of [modelKey, messageKey, bodyKey]) {
      const known = this.#known.get(key(session, body));
      if (known !== undefined && this.nowMs() < known.untilMs) throw known.failure;
    }
  }

  note(session: string, body: UpstreamBody, failure: Failure): void {
    if (failure.retry || !final.has(failure.status)) return;
    const key = aboutModel.has(failure.code ?? '') ? modelKey : isPolicy(failure) ? messageKey : bodyKey;
    this.#known.set(key(session, body), { failure, untilMs: this.nowMs() + keptMs });
    for (const [each, { untilMs }] of this.#known) {
      if (this.#known.size > most || this.nowMs() >= untilMs) this.#known.delete(each);
    }
  }
}

function modelKey(session: string, { model }: UpstreamBody): string {
  return `model ${session} ${model}`;
}

/** What the user said is flagged, whatever tools are offered beside it. */
function messageKey(session: string, { input }: UpstreamBody): string {
  const said = input.findLast((item) => 'role' in item && item.role === 'user');
  return `message ${session} ${Bun.hash(JSON.stringify(said ?? null))}`;
}

function bodyKey(session: string, body: UpstreamBody): string {
  return `body ${session} ${Bun.hash(JSON.stringify(body))}`;
}
