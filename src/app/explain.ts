// Translates a request to what would be sent upstream. Sends nothing.
import type { ExplainedEndpoint } from '../apis/explained.ts';
import { referencedIds } from '../apis/openai/responses/history.ts';
import { isAccountModel, namingOf } from '../models/aliases.ts';
import { isObject, isSet } from '../responses/fields.ts';
import type { Dropped } from '../responses/request.ts';
import { type EarlierItems, nothingEarlier, type Translation } from '../responses/translator.ts';
import { planTurn } from '../turns/plan.ts';
import { turnHeaders } from '../upstream/headers.ts';
import { createServices } from './services.ts';
import type { Setup } from './setup.ts';
import { planOptions, translationContext } from './turns.ts';

export interface ExplainedRequest {
  /** The route that the request was assumed to be for. */
  route: string;
  /** Notes on what the output does not show. */
  note?: string;
  /** Absent if nothing would be sent. */
  target?: string;
  headers?: Record<string, string>;
  body?: unknown;
  dropped: Dropped[];
}

const storedByTheDaemon: EarlierItems = { ...nothingEarlier, areUnknown: true };

/** Uses the cached catalogue, or the bundled one. */
export async function explainRequest(
  { path, explain }: ExplainedEndpoint,
  body: unknown,
  setup: Setup,
): Promise<ExplainedRequest> {
  const { upstream, ollama, models } = setup.config;
  const route = `POST ${path}`;
  if (explain === 'counts tokens') {
    return { route, note: 'codexd counts the tokens itself.', dropped: [] };
  }
  const naming = namingOf(models, (await createServices(setup).catalog.known()).models);
  const name = isObject(body) && typeof body.model === 'string' ? body.model : '';
  if (explain.passesToOllama && ollama.url !== undefined && !isAccountModel(name, naming)) {
    const note =
      'codexd does not have this model, so it forwards the request to the Ollama server unchanged.';
    return { route, note, target: `POST ${ollama.url}${path}`, body, dropped: [] };
  }
  const headers = new Headers();
  const earlier = refersToEarlier(body) ? { earlier: storedByTheDaemon } : {};
  const context = { ...translationContext(setup), headers, ...earlier };
  const translation = explain.translate(body, context, naming);
  const { turn, dropped } = planTurn(translation, headers, explain.naming, planOptions(setup, naming));
  const all = [...translation.dropped, ...dropped];
  if (translation.ready !== undefined) {
    return { route, note: 'codexd answers this request itself, without the upstream.', dropped: all };
  }
  const count = 'count' in translation ? Number(translation.count) : 1;
  return {
    route,
    ...noteOf(count, translation),
    target: `POST ${upstream.baseUrl}/codex/responses`,
    headers: {
      authorization: 'Bearer [redacted]',
      originator: upstream.originator,
      ...turnHeaders({
        ...turn,
        model: turn.body.model,
        serviceTier: turn.body.service_tier,
        routingOverride: undefined,
      }),
      ...explain.upstreamHeaders,
    },
    body: turn.body,
    dropped: all,
  };
}

/** What the body does not show. */
function noteOf(count: number, { continues }: Translation): { note?: string } {
  if (count > 1) return { note: `It is sent ${count} times, because each turn generates one image.` };
  if (continues === undefined) return {};
  return {
    note: `The daemon adds the stored conversation up to ${continues} before this input.`,
  };
}

function refersToEarlier(body: unknown): boolean {
  return isObject(body) && (isSet(body.previous_response_id) || referencedIds(body.input).length > 0);
}
