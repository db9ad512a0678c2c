// HTTP for engines behind a URL: one bounded exchange, no redirects, and the server's errors translated for codexd's client.
import { onAbort } from '../../base/abort.ts';
import { isObject } from '../../base/object.ts';
import { Failure } from '../../failure.ts';
import { openForm } from '../../stream/form.ts';
import { engineFailed, engineTimeout, errorExcerpt } from '../programs/failures.ts';
import { longestTimerMs, outputBytes } from '../programs/process.ts';
import type { Recording } from '../recording.ts';
import { uploadOf } from './input.ts';
import { readJson } from './json.ts';
import { textOf } from './result.ts';
import type { Fetch } from './settings.ts';

export interface ServerCall {
  /** Engine id, for messages. */
  engine: string;
  fetch: Fetch;
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** Sent with POST; without a form the request is a GET. */
  form?: SpeechForm;
  signal: AbortSignal;
  /** For the whole exchange, up to the last byte of the response. */
  timeoutMs: number;
}

/** The recording is sent as the part `file`. */
export interface SpeechForm {
  recording: Recording;
  fields: readonly (readonly [name: string, value: string])[];
}

export interface EngineResponse {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

export async function callServer(options: ServerCall): Promise<EngineResponse> {
  const { engine, fetch, url, headers, form, signal, timeoutMs } = options;
  signal.throwIfAborted();
  const control = new AbortController();
  const stopListening = onAbort(signal, () => control.abort(signal.reason));
  const tooLong = () => control.abort(engineTimeout(engine, timeoutMs));
  const timer = setTimeout(tooLong, Math.min(timeoutMs, longestTimerMs));
  try {
    const body = form && (await openForm(uploadOf(form.recording), form.fields));
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { 'User-Agent': 'codexd', ...headers, ...body?.headers },
      ...(body === undefined ? {} : { body: body.body }),
      // A redirect would send the key to another server.
      redirect: 'manual',
      signal: control.signal,
      // Bun's idle timeout is five minutes, and servers send nothing while they transcribe.
      ...{ timeout: false },
    });
    const bytes = await readBody(engine, response);
    return { status: response.status, headers: response.headers, bytes };
  } catch (thrown) {
    control.signal.throwIfAborted();
    if (thrown instanceof Failure) throw thrown;
    const message = `Cannot reach speech engine ${engine}'s server at ${new URL(url).origin}, or it closed the connection.`;
    throw new Failure('upstream_unreachable', message, {
      code: 'engine_unreachable',
      advice: 'Start it, or correct `url` in its config.toml table.',
      cause: thrown,
    });
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

async function readBody(engine: string, response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > outputBytes) {
      throw engineFailed(engine, `its response is larger than ${outputBytes / 1024 ** 2} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The error message of a response in any common envelope, and the field it names. */
export function errorDetails({ bytes }: EngineResponse): {
  message: string;
  param: string | undefined;
  code: string | undefined;
} {
  const value = readJson(bytes);
  const error = isObject(value) ? (value.error ?? value.detail ?? value) : value;
  const first = Array.isArray(error) ? error[0] : error;
  const text = textOf(first);
  if (text !== undefined) return { message: errorExcerpt(text), param: undefined, code: undefined };
  if (isObject(first)) {
    const message = textOf(first.message) ?? textOf(first.msg) ?? '';
    // FastAPI: `loc: ["body", "response_format"]`.
    const at = Array.isArray(first.loc) ? textOf(first.loc.at(-1)) : undefined;
    return { message: errorExcerpt(message), param: textOf(first.param) ?? at, code: textOf(first.code) };
  }
  const raw = new TextDecoder().decode(bytes.subarray(0, 4096));
  return {
    message: raw.trimStart().startsWith('<') ? '' : errorExcerpt(raw),
    param: undefined,
    code: undefined,
  };
}

/** The failure for a response that is not 2xx. `keyName` is the environment variable with the key. */
export function responseFailure(
  engine: string,
  answer: EngineResponse,
  keyName: string | undefined,
): Failure {
  const { status } = answer;
  const { message, param, code } = errorDetails(answer);
  const withReason = (problem: string) =>
    `Speech engine ${engine}'s server ${problem}${message && `: ${message}`}.`;
  const clientFields = new Set(['file', 'model', 'language', 'prompt', 'temperature']);
  const paramOption = param !== undefined && clientFields.has(param) ? { param } : {};
  if (status < 400) {
    return new Failure(
      'upstream_refused',
      withReason(`answered with a redirect (${status}), which codexd does not follow`),
      {
        code: 'engine_redirected',
        advice: 'Set `url` in its config.toml table to the address it redirects to.',
      },
    );
  }
  // codexd's own key was refused, not the client's, so the client must not see a 401.
  if (status === 401 || status === 403) {
    const fix =
      keyName === undefined ? 'Set `api_key_env` in its config.toml table' : `Check the variable ${keyName}`;
    return new Failure('upstream_refused', withReason(`rejected codexd's key (${status})`), {
      code: 'engine_auth',
      advice: `${fix}; this is unrelated to the key that clients send to codexd.`,
    });
  }
  if (status === 404 && (code === 'model_not_found' || param === 'model' || /model/i.test(message))) {
    return new Failure('not_found', withReason('does not have this model'), {
      code: 'model_not_found',
      param: 'model',
    });
  }
  if (status === 429) {
    return new Failure('rate_limited', withReason('is rate limiting codexd'), {
      code: 'engine_rate_limited',
      ...retryAfter(answer.headers),
    });
  }
  if (status === 413) {
    return new Failure('too_large', withReason('rejected the recording as too large'), {
      code: 'file_too_large',
      param: 'file',
      advice: 'Send a shorter or a compressed recording.',
    });
  }
  if (status === 400 || status === 415 || status === 422) {
    return new Failure('invalid_request', withReason('rejected the request'), {
      code: 'engine_refused',
      ...paramOption,
    });
  }
  return new Failure('upstream_broke', withReason(`answered ${status}`), { code: 'engine_failed' });
}

function retryAfter(headers: Headers): { retryAfterMs?: number } {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterMs: seconds * 1000 } : {};
}
