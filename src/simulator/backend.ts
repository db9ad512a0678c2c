// The account API and the model API under /backend-api (docs/wire/upstream.md#routing to
// #transcription).

import { type Fields, isObject } from '../base/object.ts';
import type { Call } from './call.ts';
import { catalogEtag, catalogFor } from './catalog.ts';
import { compact } from './compact.ts';
import { batchFrames, type Delivery, pause, splitFrames, sseFrames, streamBody } from './delivery.ts';
import { encoded } from './encoding.ts';
import type { Account, Identity } from './identity.ts';
import { editImages, generateImages } from './images.ts';
import type { Quota } from './limits.ts';
import type { Random } from './random.ts';
import { detail, forbiddenPage, refusals } from './refusal.ts';
import { applyOverrides, applyScriptedHeaders, type Routes } from './routes.ts';
import type { ScriptedTurn } from './script.ts';
import type { Seal } from './seal.ts';
import { checkGateway, transcribe } from './transcribe.ts';
import type { SimulatedTurns, StartedTurn } from './turns.ts';

export interface BackendOptions {
  identity: Identity;
  quota: Quota;
  seal: Seal;
  turns: SimulatedTurns;
  random: Random;
  now: () => number;
  paceMs: number;
}

/** Size of the writes in a long drip. */
const dripWriteLength = 16_384;

export class Backend {
  constructor(private readonly options: BackendOptions) {}

  routes(): Routes {
    const { now, random, seal } = this.options;
    return {
      'GET /backend-api/wham/accounts/check': {
        name: 'wham/accounts/check',
        answer: (call) => accountsCheck(this.authenticate(call)),
      },
      'GET /backend-api/wham/usage': {
        name: 'wham/usage',
        answer: (call) => this.options.quota.usage(this.authenticate(call)),
      },
      'GET /backend-api/wham/rate-limit-reset-credits': {
        name: 'wham/rate-limit-reset-credits',
        answer: (call) => {
          this.authenticate(call);
          return this.options.quota.resetCredits();
        },
      },
      'POST /backend-api/wham/rate-limit-reset-credits/consume': {
        name: 'wham/rate-limit-reset-credits/consume',
        answer: (call) => {
          this.authenticate(call);
          return this.options.quota.redeem(call.body);
        },
      },
      'GET /backend-api/codex/models': {
        name: 'codex/models',
        answer: (call, line) => this.models(call, line),
      },
      'POST /backend-api/codex/responses': {
        name: 'codex/responses',
        takesLine: true,
        answer: (call) => this.turn(call),
      },
      'POST /backend-api/codex/responses/compact': {
        name: 'codex/responses/compact',
        answer: (call) =>
          compact(call.body, { account: this.authenticate(call), seal, random, nowMs: now() }),
      },
      'POST /backend-api/codex/images/generations': {
        name: 'codex/images/generations',
        answer: (call) => {
          this.authenticate(call);
          return generateImages(call.body, now());
        },
      },
      'POST /backend-api/codex/images/edits': {
        name: 'codex/images/edits',
        answer: (call) => {
          this.authenticate(call);
          return editImages(call.body, now());
        },
      },
      'POST /backend-api/images/generations': {
        name: 'codex/images/generations',
        answer: () => {
          throw forbiddenPage();
        },
      },
      'POST /backend-api/transcribe': {
        name: 'transcribe',
        answer: (call, line) => {
          checkGateway(call);
          this.authenticate(call);
          return transcribe(call, line?.text);
        },
      },
    };
  }

  /** The login of a request. Rejects a `chatgpt-account-id` that differs from the token's. */
  authenticate({ headers }: { headers: Record<string, string> }): Account {
    const account = this.options.identity.authenticate(headers.authorization);
    const named = headers['chatgpt-account-id'];
    if (named !== undefined && named !== account.accountId) throw refusals.invalid_workspace_selected();
    return account;
  }

  /** The quota fields of a 429. */
  exhaust(response: Response): void {
    for (const [name, value] of Object.entries(this.options.quota.headers('plus', { exhausted: true }))) {
      response.headers.set(name, value);
    }
  }

  /** Frames that replace the response headers on a WebSocket (docs/wire/upstream.md#websocket). */
  preamble(account: Account): Fields[] {
    const headers = { 'x-models-etag': catalogEtag, 'x-codex-turn-state': this.turnState() };
    return [this.options.quota.frame(account), { type: 'codex.response.metadata', headers }];
  }

  delivery(line: ScriptedTurn | undefined): Delivery {
    const { chunkBytes, cutAfterBytes, afterBytes, fault } = line ?? {};
    return { paceMs: line?.paceMs ?? this.options.paceMs, chunkBytes, cutAfterBytes, afterBytes, fault };
  }

  private async turn(call: Call): Promise<Response> {
    const account = this.authenticate(call);
    if (!isObject(call.body)) throw detail('Input must be a list');
    const turn = this.options.turns.begin({
      transport: 'http',
      headers: call.headers,
      account,
      body: call.body,
    });
    if (turn.line?.delayMs) await pause(turn.line.delayMs);
    const delivery = this.delivery(turn.line);
    const headers = { ...this.options.quota.headers(account.plan), ...this.turnHeaders(turn) };
    const stream = new Response(streamBody(framesOf(turn, delivery), delivery), { headers });
    return encoded(
      applyScriptedHeaders(stream, turn.line),
      turn.line?.encoding,
      call.headers['accept-encoding'],
    );
  }

  private turnHeaders({ model }: StartedTurn): Record<string, string> {
    const { random } = this.options;
    return {
      'cf-ray': `${random.hex(16)}-OSL`,
      'openai-model': model,
      'openai-processing-ms': '42',
      server: 'cloudflare',
      'set-cookie': `__cf_bm=${random.letters(43)}; path=/; HttpOnly; Secure`,
      'x-codex-turn-state': this.turnState(),
      'x-models-etag': catalogEtag,
      'x-openai-proxy-wasm': 'v0.1',
      'x-request-id': random.uuid(),
    };
  }

  private turnState(): string {
    return `gAAAAABq${this.options.random.letters(292)}`;
  }

  private models(call: Call, line: ScriptedTurn | undefined): Response {
    this.authenticate(call);
    const headers = { etag: catalogEtag };
    if (call.headers['if-none-match'] === catalogEtag) return new Response(null, { status: 304, headers });
    return Response.json(applyOverrides({ models: catalogFor(call.query.client_version) }, line), {
      headers,
    });
  }
}

function framesOf({ events, sse, line }: StartedTurn, { paceMs }: Delivery): Iterable<string> {
  if (!events) return splitFrames(sse ?? '');
  const frames = sseFrames(events);
  return line?.megabytes !== undefined && paceMs === 0 ? batchFrames(frames, dripWriteLength) : frames;
}

/** No constraint; a script may route to another origin or region (docs/wire/upstream.md#routing). */
function accountsCheck({ accountId, plan }: Account): Fields {
  return {
    accounts: [
      {
        id: accountId,
        name: null,
        structure: 'personal',
        plan_type: plan,
        is_deactivated: false,
        is_fedramp_compliant_workspace: false,
        workspace_backend_origin: 'NO_CONSTRAINT',
        account_routing_override: 'NO_CONSTRAINT',
        profile_picture_url: null,
      },
    ],
    account_ordering: [accountId],
    default_account_id: accountId,
  };
}
