// What engines behind a URL have in common: one bounded exchange, no redirects, and errors that are
// theirs told as what they mean to our client.
import { Failure } from '../../failure.ts';
import { openForm } from '../../stream/form.ts';
import { complaint, engineFailed, engineTimeout } from '../programs/complaint.ts';
import { longestTimerMs, outputBytes } from '../programs/process.ts';
import type { Recording } from '../recording.ts';
import { isRecord, textOf } from './heard.ts';
import { uploadOf } from './input.ts';
import { readJson } from './json.ts';
import type { Fetch } from './settings.ts';

export interface Exchange {
  /** Of the engine, for messages. */
  engine: string;
  fetch: Fetch;
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent by POST. */
  form?: SpeechForm;
  signal: AbortSignal;
  /** For all of it, the answer's last byte included. */
  timeoutMs: number;
}

/** The recording as the part `file`, and what else is said of it. */
export interface SpeechForm {
  recording: Recording;
  fields: readonly (readonly [name: string, value: string])[];
}

export interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

export async function exchange(options: Exchange): Promise<Answer> {
  const { engine, fetch, url, headers, form, signal, timeoutMs } = options;
  signal.throwIfAborted();
  const control = new AbortController();
  const onAbort = () => control.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const tooLong = () => control.abort(engineTimeout(engine, timeoutMs));
  const timer = setTimeout(tooLong, Math.min(timeoutMs, longestTimerMs));
  try {
    const body = form && (await openForm(uploadOf(form.recording), form.fields));
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'User-Agent': 'codexd', ...headers, ...body?.headers },
      ...(body === undefined ? {} : { body: body.body }),
      // A redirect would carry the key to where it does not belong.
      redirect: 'manual',
      signal: control.signal,
      // Bun's own limit on silence is five minutes, and servers are silent while they listen.
      ...{ timeout: false },
    });
    const bytes = await readBody(engine, response);
    return { status: response.status, headers: response.headers, bytes };
  } catch (thrown) {
    control.signal.throwIfAborted();
    if (thrown instanceof Failure) throw thrown;
    const what = `The server of the speech engine ${engine} at ${new URL(url).origin} cannot be reached`;
    throw new Failure('upstream_unreachable', `${what} or broke off.`, {
      code: 'engine_unreachable',
      advice: 'Start it, or correct the `url` of its table in config.toml.',
      cause: thrown,
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

async function readBody(engine: string, response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > outputBytes) {
      throw engineFailed(engine, `its answer is larger than ${outputBytes / 1024 ** 2} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What the server says is wrong, whichever envelope it uses, and the field it blames. */
export function saidBy({ bytes }: Answer): {
  message: string;
  param: string | undefined;
  code: string | undefined;
} {
  const value = readJson(bytes);
  const error = isRecord(value) ? (value.error ?? value.detail ?? value) : value;
  const first = Array.isArray(error) ? error[0] : error;
  const text = textOf(first);
  if (text !== undefined) return { message: complaint(text), param: undefined, code: undefined };
  if (isRecord(first)) {
    const message = textOf(first.message) ?? textOf(first.msg) ?? '';
    // FastAPI: `loc: ["body", "response_format"]`.
    const at = Array.isArray(first.loc) ? textOf(first.loc.at(-1)) : undefined;
    return { message: complaint(message), param: textOf(first.param) ?? at, code: textOf(first.code) };
  }
  const raw = new TextDecoder().decode(bytes.subarray(0, 4096));
  return {
    message: raw.trimStart().startsWith('<') ? '' : complaint(raw),
    param: undefined,
    code: undefined,
  };
}

/** An answer that is no 2xx, as a failure. `keyName`: the variable the key came from. */
export function refusal(engine: string, answer: Answer, keyName: string | undefined): Failure {
  const { status } = answer;
  const { message, param, code } = saidBy(answer);
  const said = (what: string) =>
    `The server of the speech engine ${engine} ${what}${message && `: ${message}`}.`;
  const ours = new Set(['file', 'model', 'language', 'prompt', 'temperature']);
  const theirs = param !== undefined && ours.has(param) ? { param } : {};
  if (status < 400) {
    return new Failure('upstream_refused', said(`answered ${status}, a redirect, which is not followed`), {
      code: 'engine_redirected',
      advice: 'Give the `url` of its table in config.toml as the server names itself.',
    });
  }
  // Our key, not the client's: never its 401.
  if (status === 401 || status === 403) {
    const fix = keyName === undefined ? 'Set `api_key_env` in its table' : `Check the variable ${keyName}`;
    return new Failure('upstream_refused', said(`refused codexd's key (${status})`), {
      code: 'engine_auth',
      advice: `${fix}; the key this daemon asks of its clients has nothing to do with it.`,
    });
  }
  if (status === 404 && (code === 'model_not_found' || param === 'model' || /model/i.test(message))) {
    return new Failure('not_found', said('has no such model'), { code: 'model_not_found', param: 'model' });
  }
  if (status === 429) {
    return new Failure('rate_limited', said('is asked too often'), {
      code: 'engine_rate_limited',
      ...retryAfter(answer.headers),
    });
  }
  if (status === 413) {
    return new Failure('too_large', said('takes no recording of this size'), {
      code: 'file_too_large',
      param: 'file',
      advice: 'Send a shorter or a compressed recording.',
    });
  }
  if (status === 400 || status === 415 || status === 422) {
    return new Failure('invalid_request', said('refused the request'), { code: 'engine_refused', ...theirs });
  }
  return new Failure('upstream_broke', said(`answered ${status}`), { code: 'engine_failed' });
}

function retryAfter(headers: Headers): { retryAfterMs?: number } {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {};
}
