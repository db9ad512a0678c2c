// A real Ollama behind the daemon (`ollama.url`): requests about models that codexd does not have go there,
// and its models are listed after codexd's own.

import { parseExact } from '../../../base/exact-json.ts';
import { Failure } from '../../../failure.ts';
import type { Log } from '../../../log.ts';
import { type Fields, isObject } from '../../../responses/fields.ts';
import { directStream } from '../../../server/direct-stream.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { noteFailure } from '../../../server/note-failure.ts';
import type { Fetch } from '../../../upstream/transport.ts';

export interface RealOllama {
  url: string;
  fetch: Fetch;
  log: Log;
}

/** Clients wait for their list of models when they start; a machine that is off must not hold it up. */
const listPatienceMs = 1500;
const listLimitBytes = 8 * 1024 * 1024;

/** Sends `body` on and streams the response back; the daemon's own key and the body's compression stay here. */
export async function proxyToOllama(
  exchange: Exchange,
  body: string,
  { url, fetch, log }: RealOllama,
): Promise<Response> {
  const { request, path, signal } = exchange;
  const headers = new Headers();
  for (const name of ['content-type', 'accept', 'user-agent']) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const { method } = request;
  try {
    const answer = await fetch(url + path, { method, headers, body, signal, ...{ timeout: false } });
    const type = answer.headers.get('content-type') ?? 'application/json; charset=utf-8';
    const init = { status: answer.status, headers: { 'content-type': type } };
    if (answer.body === null) return new Response(null, init);
    exchange.stream();
    return new Response(
      relay(answer.body, exchange, (thrown) => noteFailure(brokeOff(url, thrown), exchange, log)),
      init,
    );
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Failure('upstream_unreachable', `The Ollama at ${new URL(url).host} cannot be reached.`, {
      code: 'ollama_unreachable',
      advice: 'Start it, or correct `ollama.url`.',
      cause,
    });
  }
}

function brokeOff(url: string, cause: unknown): Failure {
  return new Failure('upstream_broke', `The Ollama at ${new URL(url).host} broke off its response.`, {
    cause,
  });
}

/** Unread. One that breaks off is reset here too: its end must not look like a good one. */
function relay(
  body: ReadableStream<Uint8Array>,
  exchange: Exchange,
  failed: (thrown: unknown) => void,
): ReadableStream {
  const reader = body.getReader();
  const end = () => {
    void reader.cancel().catch(() => {});
    exchange.end();
  };
  return directStream({
    async pull(sink) {
      try {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          exchange.noteFirstByte();
          await sink.write(value);
          await sink.flush();
        }
        exchange.closing();
        sink.close();
      } catch (thrown) {
        failed(thrown);
        throw thrown;
      } finally {
        end();
      }
    },
    cancel() {
      exchange.leave();
      failed(exchange.signal.reason);
      end();
    },
  });
}

/** The entries of one of its lists. None when it does not answer: codexd's own models are there all the same. */
export async function realList(
  path: '/api/tags' | '/api/ps',
  { url, fetch, log }: RealOllama,
  signal: AbortSignal,
): Promise<(Fields & { name: string })[]> {
  try {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(listPatienceMs)]);
    const answer = await fetch(url + path, { signal: patience });
    const body = await limitedJson(answer);
    const models = isObject(body) && Array.isArray(body.models) ? body.models : undefined;
    if (!answer.ok || models === undefined) throw new Error(`status ${answer.status}`);
    return models.filter((each) => isObject(each) && typeof each.name === 'string');
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.name : typeof thrown;
    if (!signal.aborted) log.warn('the real Ollama lists no models', { host: new URL(url).host, path, why });
    return [];
  }
}

async function limitedJson(answer: Response): Promise<unknown> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body ?? []) {
    length += piece.byteLength;
    if (length > listLimitBytes) throw new RangeError('a list that is too long');
    pieces.push(piece);
  }
  return parseExact(Buffer.concat(pieces).toString());
}
