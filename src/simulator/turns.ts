// Handles one turn on either transport: checks the request, then responds from the script or from the prompt.

import { type Fields, isObject } from '../base/object.ts';
import { dripEvents, type ModelOutput, type Turn, turnEvents } from './events.ts';
import type { Account } from './identity.ts';
import { Random } from './random.ts';
import { type ReplyContext, reasoningOutput, replyTo } from './reply.ts';
import { countTokens, imageUsage, PromptCache, responseFor, usageFor } from './response.ts';
import { checkTurn } from './rules/turn.ts';
import type { Script, ScriptedCall, ScriptedTurn } from './script.ts';
import type { Seal } from './seal.ts';
import type { StrictRules } from './strict.ts';

export interface SimulatedTurnsOptions {
  script: Script;
  seal: Seal;
  strict: StrictRules;
  now: () => number;
  random: Random;
}

export interface TurnRequest {
  transport: 'http' | 'websocket';
  headers: Record<string, string>;
  account: Account;
  body: Fields;
  /** The chain of responses on a WebSocket. */
  earlier?: readonly Fields[];
  /** Receives every finished item. */
  keep?: (item: Fields) => void;
}

export interface StartedTurn {
  id: string;
  /** The model that answers. */
  model: string;
  line: ScriptedTurn | undefined;
  /** The events; absent if the line contains the stream as text. */
  events?: Iterable<Fields>;
  sse?: string;
}

const megabyte = 1_000_000;

export class SimulatedTurns {
  private readonly cache = new PromptCache();

  constructor(private readonly options: SimulatedTurnsOptions) {}

  /** Throws the upstream's refusal of an invalid body; only a valid request uses up a line of the script. */
  begin({ transport, headers, account, body, earlier = [], keep }: TurnRequest): StartedTurn {
    const { script, seal, strict, now, random } = this.options;
    const model = checkTurn(body, { transport, headers, account, seal, strict, earlier });
    const line = script.take('codex/responses');
    const id = `resp_${random.hex(32)}`;
    const begun = { id, model: model.slug, line };
    if (line?.sse !== undefined) return { ...begun, sse: line.sse };
    if (line?.events) return { ...begun, events: numbered(line.events) };

    const items = [...earlier, ...(body.input as Fields[])];
    const cuts = new Random(JSON.stringify(body.input));
    const context: ReplyContext = { account, model, seal, random, items };
    const made = body.generate === false ? [] : (madeFrom(line, body, context) ?? replyTo(body, context));
    const draws = made.some(({ kind }) => kind === 'image_generation_call');
    const turn: Turn = {
      response: responseFor(body, { id, nowMs: now(), account, model }),
      made,
      usage: this.usage(body, headers, items, made),
      ...(draws ? { toolUsage: { image_gen: imageUsage(1056) } } : {}),
      now,
      ids: random,
      cuts,
    };
    const bytes = (line?.megabytes ?? 0) * megabyte;
    return { ...begun, events: bytes > 0 ? dripEvents(turn, bytes) : turnEvents(turn, keep) };
  }

  private usage(body: Fields, headers: Record<string, string>, items: Fields[], made: ModelOutput[]): Fields {
    const prompt = JSON.stringify([body.tools ?? [], body.instructions ?? '', items]);
    const key = (body.prompt_cache_key as string | undefined) ?? headers['session-id'];
    const effort = isObject(body.reasoning) ? body.reasoning.effort : undefined;
    return usageFor(countTokens(prompt), this.cache.use(key, prompt), made, effort);
  }
}

/** The turn as scripted by the line; undefined if the line leaves it to the simulator. */
function madeFrom(
  line: ScriptedTurn | undefined,
  body: Fields,
  context: ReplyContext,
): ModelOutput[] | undefined {
  if (line?.text === undefined && line?.calls === undefined) return undefined;
  const { text, calls = [], reasoning } = line;
  const phase = calls.length > 0 ? 'commentary' : 'final_answer';
  return [
    ...(reasoning ? [reasoningOutput(body, reasoning, context)] : []),
    ...(text === undefined ? [] : [{ kind: 'message', text, phase } as const]),
    ...calls.map(callMade),
  ];
}

function callMade({ name, arguments: args, input, namespace }: ScriptedCall): ModelOutput {
  const place = namespace === undefined ? {} : { namespace };
  if (input !== undefined) return { kind: 'custom_tool_call', name, input, ...place };
  const text = typeof args === 'string' ? args : JSON.stringify(args ?? {});
  return { kind: 'function_call', name, input: text, ...place };
}

function* numbered(events: Fields[]): Generator<Fields> {
  for (const [sequence_number, event] of events.entries()) yield { sequence_number, ...event };
}
