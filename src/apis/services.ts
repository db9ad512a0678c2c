// The services that API handlers may use. `app` creates them from the configuration.
import type { TranscriberLike } from '../audio/transcriber.ts';
import type { WorkDirectories } from '../audio/work-directory.ts';
import type { AttemptLimit } from '../gateway/attempt-limit.ts';
import type { DeviceCodes } from '../gateway/device-codes.ts';
import type { Logins } from '../gateway/logins.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Log } from '../log.ts';
import type { Naming } from '../models/aliases.ts';
import type { TurnResponder } from '../server/turn-responder.ts';
import type { ResponseStore } from '../store/response-store.ts';
import type { RunningResponses } from '../store/running-responses.ts';
import type { Ticker } from '../stream/ticker.ts';
import type { Queue } from '../turns/queue.ts';
import type { Caller } from '../turns/record.ts';
import type { Quota } from '../upstream/quota.ts';
import type { OllamaBackend } from './ollama/routes/backend.ts';
import type { RecentModels } from './ollama/routes/recent-models.ts';
import type { SpeechModel } from './openai/transcriptions/models.ts';

export interface ApiServices {
  turns: TurnResponder;
  /** With a queue of their own. */
  imageTurns: TurnResponder;
  responses: ResponseServices;
  /** With the version of a Codex client, names by that version's own list. */
  naming: (codexVersion?: string) => Promise<Naming>;
  bodyLimitBytes: number;
  /** For uploads too large to be kept in memory while they arrive. */
  directories: WorkDirectories;
  speech: SpeechServices;
  /** The models shown to Ollama's clients as loaded. */
  recentModels: RecentModels;
  /** The server for models that codexd does not have. */
  ollamaBackend: OllamaBackend | undefined;
  account: AccountServices;
  gateway: GatewayServices;
  /** Counts of earlier calls; undefined where the settings switch it off. */
  ledger: Pick<Ledger, 'usage'> | undefined;
  /** The page for Prometheus. */
  metrics: () => { text: string; contentType: string };
  /** The description of all endpoints. */
  openApi: () => object;
  login: DebuggedLogin;
  health: Health;
  version: string;
  newId: (prefix: string) => string;
  nowMs: () => number;
  ticker: Ticker;
  /** Silence after which a stream gets a heartbeat; 0 for never. */
  keepaliveMs: number;
  /** Rejects requests with unsupported options instead of ignoring the options. */
  strict: boolean;
  log: Log;
}

export interface ResponseServices {
  /** Undefined where the settings switch it off. */
  store: ResponseStore | undefined;
  running: RunningResponses;
  /** Responses that one WebSocket can continue, by its id. */
  connections: ResponseStore;
  /** Whose responses a caller may see. */
  ownerOf: (caller: Caller) => string;
}

export interface SpeechServices {
  transcriber: TranscriberLike;
  /** Survives reloads. */
  queue: Queue;
  /** Counts a transcription. Throws `rate_limited` if the caller's key has used up its budget. */
  admit: (caller: Caller) => void;
  /** Maximum size of a recording. */
  limitBytes: number;
  /** All speech models, also unusable ones, from memory; `complete` waits until every engine is known. */
  models: (options?: { complete?: true }) => Promise<SpeechModel[]>;
  /** Whether the plain list includes them, after the chat models. Open WebUI and others offer that whole list for chats. */
  isListed: boolean;
  loaded: LoadedModels;
  /** How long a stream waits for the first text before it sends its head: until then, a failure becomes a status. */
  settleMs: number;
}

/** Claude Code's login to codexd. */
export interface GatewayServices {
  codes: DeviceCodes;
  logins: Logins;
  /** Limits how often an address may start a login, and how often it may enter a wrong code or key. */
  starts: AttemptLimit;
  guesses: AttemptLimit;
  /** Who may approve a login: the holder of a key, anyone on this machine, or nobody. */
  approval(): 'key' | 'local' | 'unavailable';
  /** Whether the holder of this key may approve a login. */
  mayApprove(key: string): boolean;
  /** Lifetime of an access token. */
  tokenSeconds: number;
  /** Whether Claude Code gets its models from the daemon. */
  managesSettings: boolean;
}

export interface AccountServices {
  /** Requests one of the account's routes from the upstream, e.g. `usage`. */
  get: (name: string) => Promise<Response>;
  /** The same, with a body. */
  post: (name: string, body: object) => Promise<Response>;
  /** Whether clients may redeem the account's rate limit resets. */
  mayRedeemResets: boolean;
  /** The account's id; undefined without a login. */
  id: () => string | undefined;
  /** The plan's limits as last reported, without a request. */
  quotas: () => Quota[];
}

export interface LoadedModel {
  /** `engine:model`. */
  id: string;
  engine: string;
  model: string;
  /** Loaded at startup and kept. */
  pinned: boolean;
  /** Running jobs. */
  active: number;
  /** Since its last job. */
  idleSeconds: number;
}

export interface LoadedModels {
  list(): LoadedModel[];
  /** Resolves when the model is unloaded; its jobs fail. */
  unload(id: string): Promise<void>;
}

export interface DebuggedLogin {
  /** Throws `login_required` without one. */
  facts(): {
    origin: string;
    plan: string | undefined;
    expiresAtMs: number | undefined;
    lastRefreshMs: number | undefined;
    refreshable: boolean;
  };
  /** Refreshes even if the token has not expired. */
  forceRefresh(): Promise<unknown>;
}

export interface Health {
  version: string;
  commit: string;
  /** Paths of its endpoints, for the card at `/`. */
  apis: string[];
  startedAtMs: number;
  /** Whether there is a login. The upstream may still refuse it. */
  login: () => Promise<{ ok: boolean; message?: string }>;
  /** The default model, without an upstream request; undefined if no model is allowed. */
  model: () => Promise<DefaultModel | undefined>;
  /** Path of the Codex CLI's config.toml, which may not exist. */
  codexConfigFile: string;
  running: () => number;
  nowMs: () => number;
}

export interface DefaultModel {
  slug: string;
  contextWindow: number;
  autoCompactTokenLimit: number | undefined;
}
