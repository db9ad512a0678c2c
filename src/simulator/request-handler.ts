// The simulator's request handler: recording, routing, scripting and responses.

import type { Server } from 'bun';
import { onAbort } from '../base/abort.ts';
import type { Fields } from '../base/object.ts';
import { Backend } from './backend.ts';
import { type Call, readCall } from './call.ts';
import { pause, resetBody, streamBody } from './delivery.ts';
import { Identity } from './identity.ts';
import { type Limits, Quota } from './limits.ts';
import { OAuth } from './oauth.ts';
import { Random } from './random.ts';
import { type RecordedRequest, Recorder } from './recorder.ts';
import { challenge, notFound, Refusal, refusals } from './refusal.ts';
import { applyOverrides, applyScriptedHeaders, type Routes } from './routes.ts';
import { routeOf, type Scenario, Script, type ScriptedTurn } from './script.ts';
import { Seal } from './seal.ts';
import { type Connection, TurnSocket } from './socket.ts';
import { lenientRules, type StrictRules } from './strict.ts';
import { SimulatedTurns } from './turns.ts';
import { describeUpload, digestOf, type Upload } from './upload.ts';

export interface RequestHandlerOptions {
  scenario?: Scenario;
  /** Milliseconds; used for expiry, resets and timestamps, not for the pace of streams. */
  now?: () => number;
  /** The same seed produces the same tokens and ids. */
  seed?: number;
  strict?: Partial<StrictRules>;
  /** Delay between events of a turn, unless its line sets one. 0 by default: separate writes without a delay. */
  paceMs?: number;
  limits?: Partial<Limits>;
  /** Limit of recorded bodies, 64 MB by default; the oldest are dropped first. */
  recordBytes?: number;
}

/** `none`: the connection is reset without a response. */
type Answer = Response | 'upgraded' | 'none';

export class RequestHandler {
  readonly recorder: Recorder;
  readonly script = new Script();
  readonly identity: Identity;
  readonly socket: TurnSocket;
  private readonly backend: Backend;
  private readonly routes: Routes;
  private readonly now: () => number;

  constructor(url: string, options: RequestHandlerOptions) {
    const { script } = this;
    const strict = { ...lenientRules, ...options.strict };
    const limits = {
      layout: 'weekly',
      weeklyUsedPercent: 22,
      fiveHourUsedPercent: 7,
      ...options.limits,
    } as const;
    const now = options.now ?? Date.now;
    const random = new Random(options.seed ?? 1);
    const identity = new Identity({ issuer: url, now, random, reuseKillsSession: strict.refreshReuse });
    const seal = new Seal(random.hex(32), strict.encryptedContent);
    const turns = new SimulatedTurns({ script, seal, strict, now, random });
    const quota = new Quota(limits, now);
    const oauth = new OAuth({ issuer: url, identity, random, now, strictPort: strict.redirectPort });
    this.now = now;
    this.identity = identity;
    this.recorder = new Recorder(options.recordBytes ?? 64_000_000);
    this.backend = new Backend({ identity, quota, seal, turns, random, now, paceMs: options.paceMs ?? 0 });
    this.routes = { ...oauth.routes(), ...this.backend.routes() };
    this.socket = new TurnSocket({
      now,
      record: (body, bytes, { path, headers }) =>
        this.record({ method: 'FRAME', path, query: {}, headers, body }, bytes),
      update: (request, change) => this.recorder.update(request, change),
      plainLine: () => script.takePlain('codex/responses'),
      refusalOf: (line) => this.refusalOf(line),
      preamble: (account) => this.backend.preamble(account),
      delivery: (line) => this.backend.delivery(line),
      begin: ({ account, headers }, body, earlier, keep) =>
        turns.begin({ transport: 'websocket', account, headers, body, earlier, keep }),
    });
    script.add(options.scenario?.turns ?? []);
  }

  async fetch(request: Request, server: Server<Connection>): Promise<Response | undefined> {
    const call = await readCall(request);
    const record = this.record(call, call.bytes);
    const upgrade = isUpgrade(call);
    if (!upgrade) this.noteAbort(call, record);
    const answering = upgrade ? this.upgrade(call, request, server) : this.answer(call);
    const answer = await answering.catch(responseOf);
    if (answer === 'none' || call.signal.aborted) return new Response(resetBody());
    this.recorder.update(record, { answered: answer === 'upgraded' ? 101 : answer.status });
    return answer === 'upgraded' ? undefined : answer;
  }

  private noteAbort({ signal }: Call, record: RecordedRequest): void {
    onAbort(signal, () => this.recorder.update(record, { abortedAtMs: this.now() }));
  }

  private record(call: Omit<RecordedRequest, 'atMs'> & { upload?: Upload | undefined }, bytes: number) {
    const { method, path, query, headers, upload } = call;
    const body = upload ? describeUpload(upload) : call.body;
    const request: RecordedRequest = { method, path, query, headers, body, atMs: this.now() };
    this.recorder.add(request, bytes);
    return request;
  }

  private async answer(call: Call): Promise<Answer> {
    const route = this.routes[`${call.method} ${call.path}`];
    if (!route) throw notFound();
    const names = call.upload?.files.flatMap(({ filename, content }) => [filename, digestOf(content)]);
    const plain = this.script.takePlain(route.name, names);
    if (plain) return this.plain(call, plain);
    const line = route.takesLine ? undefined : this.script.take(route.name, names);
    if (line?.delayMs) await pause(line.delayMs);
    const answer = await route.answer(call, line);
    return applyScriptedHeaders(
      answer instanceof Response ? answer : this.deliver(applyOverrides(answer, line), line),
      line,
    );
  }

  /** As JSON, split if the line says so. */
  private deliver(answer: Fields, line: ScriptedTurn | undefined): Response {
    if (!line || !travels.some((key) => line[key] !== undefined)) return Response.json(answer);
    const body = streamBody([JSON.stringify(answer)], this.backend.delivery(line));
    return new Response(body, { headers: { 'content-type': 'application/json' } });
  }

  private async upgrade(call: Call, request: Request, server: Server<Connection>): Promise<Answer> {
    const plain = this.script.takePlain('websocket');
    if (plain) return this.plain(call, plain);
    const account = this.backend.authenticate(call);
    const data: Connection = { account, headers: call.headers, path: call.path };
    if (!server.upgrade(request, { data, headers: { 'x-openai-proxy-wasm': 'v0.1' } })) throw notFound();
    return 'upgraded';
  }

  private async plain(call: Call, line: ScriptedTurn): Promise<Answer> {
    if (line.delayMs) await pause(line.delayMs);
    if (line.fault === 'stall') await aborted(call.signal);
    if (line.fault !== undefined && line.fault !== 'challenge') return 'none';
    const response = responseOf(this.refusalOf(line));
    if (response.status === 429 && routeOf(line) === 'codex/responses') this.backend.exhaust(response);
    return applyScriptedHeaders(response, line);
  }

  private refusalOf(line: ScriptedTurn): Refusal {
    if (line.fault === 'challenge') return challenge();
    if (line.refusal) return refusals[line.refusal](this.now());
    return new Refusal(line.status ?? 200, line.body ?? '');
  }
}

const travels = ['paceMs', 'chunkBytes', 'cutAfterBytes', 'afterBytes', 'fault'] as const;

function isUpgrade({ headers, path }: Call): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket' && path === '/backend-api/codex/responses';
}

function responseOf(thrown: unknown): Response {
  if (!(thrown instanceof Refusal)) throw thrown;
  const { status, body, headers } = thrown;
  if (typeof body !== 'string') return Response.json(body, { status, headers });
  return new Response(body, { status, headers: { 'content-type': 'text/html; charset=UTF-8', ...headers } });
}

function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise<void>((resolve) => void onAbort(signal, resolve));
}
