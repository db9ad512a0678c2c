// `codexd ask`: one answer from the upstream, streamed to stdout; no daemon needed.

import { tmpdir } from 'node:os';
import { createCommandUsage } from '../app/command-usage.ts';
import { noSuchFile } from '../app/no-such-file.ts';
import { createServices } from '../app/services.ts';
import { createTurnRunner } from '../app/turns.ts';
import { parseExact } from '../base/exact-json.ts';
import { imageType } from '../base/image-type.ts';
import { isObject } from '../base/object.ts';
import { efforts } from '../config/schema.ts';
import { asFailure, Failure, type FailureKind, stockAdvice } from '../failure.ts';
import { resolveDefault } from '../models/aliases.ts';
import { Collector } from '../responses/collect.ts';
import { DeltaEvent, type ResponsesEvent } from '../responses/event.ts';
import type { InputPart, ResponsesRequest } from '../responses/request.ts';
import { hasType, type ResponsesResponse } from '../responses/response.ts';
import type { Translation } from '../responses/translator.ts';
import { Queue } from '../turns/queue.ts';
import type { RunningTurn } from '../turns/run.ts';
import { usageFailure } from './arguments.ts';
import { command, type Invocation } from './command.ts';
import { CostlyOutput } from './costly-output.ts';
import { openSession, type Session } from './session.ts';
import { Spinner } from './spinner.ts';

export default command({
  settings: ['upstream', 'auth'],
  examples: [
    'codexd ask "Why is the sky blue?"',
    'git diff | codexd ask "Write a commit message."',
    'codexd ask -i photo.jpg "What is this?"',
  ],
  args: {
    prompt: {
      type: 'positional',
      required: false,
      isSentence: true,
      description: 'The question; piped input is appended to it.',
    },
    model: {
      type: 'string',
      alias: 'm',
      description: 'Model to use; `codexd models` lists them.',
      valueHint: 'MODEL',
    },
    effort: {
      type: 'enum',
      alias: 'e',
      options: [...efforts],
      description: `Reasoning effort: ${efforts.join(', ')}.`,
      valueHint: 'EFFORT',
    },
    system: {
      type: 'string',
      alias: 's',
      description: 'System instructions.',
      valueHint: 'TEXT',
    },
    image: {
      type: 'string',
      alias: 'i',
      description: 'An image file or URL; repeat it for several.',
      valueHint: 'FILE',
      multiple: true,
    },
    schema: { type: 'string', description: 'A JSON schema file the answer must follow.', valueHint: 'FILE' },
  },
  run: async (plainCall) => {
    const spinner = new Spinner(plainCall.terminal.stderr, Date.now);
    const call = { ...plainCall, terminal: spinner.wrap(plainCall.terminal) };
    const session = await openSession(call);
    const services = createServices(session);
    const prompt = promptOf(call.args.prompt, await call.terminal.readStdin());
    const images = await Promise.all(call.all('image').map(imagePart));
    const content = [...(prompt === '' ? [] : [{ type: 'input_text' as const, text: prompt }]), ...images];
    if (content.length === 0)
      throw usageFailure('No prompt given.', 'Run `codexd ask "…"`, or pipe text into it.');
    const format = call.args.schema === undefined ? undefined : schemaFormat(call, call.args.schema);
    // If the login does not work, this reports it as the only error; fetching the models would add a warning.
    await services.login.get();
    const naming = await services.naming();
    const translation = translate({
      model: call.args.model ?? session.config.models.default ?? resolveDefault(naming).model.slug,
      effort: call.args.effort,
      system: call.args.system,
      content,
      format,
    });
    const queue = new Queue({ concurrency: 1, waiting: 0, timeoutMs: 0 });
    const runner = createTurnRunner(session, services, { queue, strict: false });
    const interrupted = new AbortController();
    const origin = {
      id: services.newId('ask'),
      headers: new Headers(),
      caller: { name: 'ask', models: undefined },
      signal: interrupted.signal,
    };
    const planned = await runner.plan(translation, 'strict', origin);
    for (const { field, why } of planned.dropped) session.log.warn(`Ignoring ${field}: ${why}`);

    call.onInterrupt(() => interrupted.abort(new Failure('cancelled', 'Interrupted.')));
    const collector = new Collector();
    const output = new CostlyOutput({
      stdout: call.terminal.stdout,
      name: 'answer',
      directories: [tmpdir(), call.homedir],
    });
    const printer = new Printer((text) => {
      spinner.stop();
      output.write(text);
    });
    spinner.start('Waiting for the answer');
    const response = await counted(
      session,
      planned.turn.body.model,
      runTurn(
        () => runner.start(planned, origin, call.json),
        (event) => {
          if (call.json) collector.push(event);
          else printer.push(event);
        },
      ),
    ).finally(() => spinner.stop());
    if (call.json) output.write(`${JSON.stringify(answerJson(collector.response ?? response))}\n`);
    else printer.end();
    output.finish();
    return exitCodeOf(response, call, printer.refused);
  },
});

/** Counts the turn in the ledger, whatever becomes of it. */
async function counted(session: Session, modelUsed: string, turn: Promise<ResponsesResponse | undefined>) {
  const usage = createCommandUsage(session, 'ask');
  try {
    const response = await turn;
    usage.note({ modelUsed, usage: response?.usage ?? undefined });
    return response;
  } catch (thrown) {
    const { kind, code } = asFailure(thrown);
    usage.note({ modelUsed, failure: { kind, code } });
    throw thrown;
  } finally {
    usage.close();
  }
}

/** Every failure from here on comes from the upstream, including what it calls an invalid request. */
async function runTurn(start: () => Promise<RunningTurn>, onEvent: (event: ResponsesEvent) => void) {
  try {
    const turn = await start();
    await turn.run(onEvent).finally(() => turn.end());
    return turn.response;
  } catch (thrown) {
    throw refusedByUpstream(asFailure(thrown));
  }
}

const refusals: ReadonlySet<FailureKind> = new Set([
  'invalid_request',
  'forbidden',
  'not_found',
  'too_large',
  'unavailable',
]);

function refusedByUpstream(failure: Failure): Failure {
  const { kind, message, code, advice } = failure;
  if (!refusals.has(kind)) return failure;
  return new Failure('upstream_refused', message, {
    ...(code === undefined ? {} : { code }),
    ...(advice === stockAdvice(kind) ? {} : { advice }),
    cause: failure,
  });
}

interface AskRequest {
  model: string;
  effort: string | undefined;
  system: string | undefined;
  content: InputPart[];
  format: { type: string; [key: string]: unknown } | undefined;
}

function translate({ model, effort, system, content, format }: AskRequest): Translation {
  const request: ResponsesRequest = {
    model,
    ...(system === undefined ? {} : { instructions: system }),
    input: [{ type: 'message', role: 'user', content }],
    ...(effort === undefined ? {} : { reasoning: { effort } }),
    ...(format === undefined ? {} : { text: { format } }),
  };
  return { model, stream: true, request, dropped: [] };
}

function promptOf(words: string | undefined, piped: string | undefined): string {
  return [words, piped?.trimEnd()].filter(Boolean).join('\n\n');
}

/** Writes text as it arrives, with a blank line between messages and between their parts. */
class Printer {
  #lastPart: string | undefined;
  #endsLine = true;
  refused = false;

  constructor(private readonly write: (text: string) => void) {}

  push(event: ResponsesEvent): void {
    if (!(event instanceof DeltaEvent)) return;
    if (event.type === 'response.refusal.delta') this.refused = true;
    else if (event.type !== 'response.output_text.delta') return;
    const part = `${event.item_id} ${event.part_index}`;
    if (this.#lastPart !== undefined && this.#lastPart !== part) this.write('\n\n');
    this.#lastPart = part;
    const text = event.delta;
    this.write(text);
    if (text !== '') this.#endsLine = text.endsWith('\n');
  }

  end(): void {
    if (!this.#endsLine) this.write('\n');
  }
}

/** What `--json` prints. */
function answerJson(response: ResponsesResponse | undefined): object {
  const parts = (response?.output ?? [])
    .filter((item) => hasType(item, 'message'))
    .flatMap(({ content }) => content);
  const text = parts.flatMap((part) => (part.type === 'output_text' ? [part.text] : [])).join('\n\n');
  const refusal = parts.flatMap((part) => (part.type === 'refusal' ? [part.refusal] : [])).join('\n\n');
  return {
    text,
    ...(refusal === '' ? {} : { refusal }),
    model: response?.model ?? null,
    status: response?.status ?? null,
    usage: response?.usage ?? null,
    id: response?.id ?? null,
  };
}

/** Scripts must not take an incomplete or refused answer for a success. */
function exitCodeOf(response: ResponsesResponse | undefined, call: Invocation, refused: boolean): number {
  if (response?.status === 'incomplete') {
    const reason = response.incomplete_details?.reason ?? 'unknown';
    call.terminal.stderr.write(`The answer is incomplete (${reason}).\n`);
    return 1;
  }
  return refused ? 4 : 0;
}

async function imagePart(source: string): Promise<InputPart> {
  if (/^(?:https?|data):/.test(source)) return { type: 'input_image', image_url: source };
  const file = Bun.file(source);
  if (!(await file.exists())) throw noSuchFile(source);
  const bytes = Buffer.from(await file.bytes());
  const type = imageType(bytes);
  if (type === undefined) {
    throw new Failure('invalid_request', `${source} is not a PNG, JPEG, WebP or GIF image.`, {
      advice: 'Convert it to PNG or JPEG.',
    });
  }
  return { type: 'input_image', image_url: `data:${type};base64,${bytes.toString('base64')}` };
}

const schemaAdvice = 'Pass a file with a JSON Schema, e.g. {"type": "object", "properties": {…}}.';

function schemaFormat(call: Invocation, path: string): AskRequest['format'] {
  const text = call.readFile(path);
  if (text === undefined) throw noSuchFile(path);
  let schema: unknown;
  try {
    schema = parseExact(text);
  } catch (cause) {
    throw new Failure('invalid_request', `${path} is not valid JSON.`, { advice: schemaAdvice, cause });
  }
  if (!isObject(schema)) {
    throw new Failure('invalid_request', `${path} is not a JSON Schema: it is not an object.`, {
      advice: schemaAdvice,
    });
  }
  return { type: 'json_schema', name: 'answer', strict: false, schema };
}
