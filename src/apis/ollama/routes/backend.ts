// A real Ollama server (`ollama.url`): requests for models that codexd does not have go there, and its models are listed after
// codexd's own.

import { parseExact } from '../../../base/exact-json.ts';
import { Failure } from '../../../failure.ts';
import type { Log } from '../../../log.ts';
import { type Fields, isObject } from '../../../responses/fields.ts';
import { directStream } from '../../../server/direct-stream.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { noteFailure } from '../../../server/note-failure.ts';
import type { Fetch } from '../../../upstream/transport.ts';

export interface OllamaBackend {
  url: string;
  fetch: Fetch;
  log: Log;
}

/** Clients fetch the list of models at startup, so an unreachable server must not delay it. */
const listTimeoutMs = 1500;
const listLimitBytes = 8 * 1024 * 1024;

/** Forwards `body` and streams the response back. The daemon's API key and the body's compression are not forwarded. */
export async function proxyToOllama(
  exchange: Exchange,
  body: string,
  { url, fetch, log }: OllamaBackend,
): Promise<Response> {
  const { request, path, signal } = exchange;
  const headers = new Headers();
  for (const name of ['content-type', 'accept', 'user-agent']) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const { method } = request;
  try {
    const response = await fetch(url + path, { method, headers, body, signal, ...{ timeout: false } });
    const type = response.headers.get('content-type') ?? 'application/json; charset=utf-8';
    const init = { status: response.status, headers: { 'content-type': type } };
    if (response.body === null) return new Response(null, init);
    exchange.stream();
    return new Response(
      relay(response.body, exchange, (thrown) => noteFailure(cutOff(url, thrown), exchange, log)),
      init,
    );
  } catch (cause) {
    if (signal.aborted) throw cause;
    throw new Failure('upstream_unreachable', `Cannot reach the Ollama server at ${new URL(url).host}.`, {
      code: 'ollama_unreachable',
      advice: 'Start it, or correct `ollama.url`.',
      cause,
    });
  }
}

function cutOff(url: string, cause: unknown): Failure {
  return new Failure('upstream_broke', `The Ollama server at ${new URL(url).host} cut off its response.`, {
    cause,
  });
}

/** Streams the body unchanged. If it is cut off, the client's connection is reset, so that it does not look complete. */
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
      exchange.disconnect();
      failed(exchange.signal.reason);
      end();
    },
  });
}

/** The entries of one of its lists; empty on a failure, so that codexd's own models are still listed. */
export async function listOllamaModels(
  path: '/api/tags' | '/api/ps',
  { url, fetch, log }: OllamaBackend,
  signal: AbortSignal,
): Promise<(Fields & { name: string })[]> {
  try {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(listTimeoutMs)]);
    const response = await fetch(url + path, { signal: timeout });
    const body = await limitedJson(response);
    const models = isObject(body) && Array.isArray(body.models) ? body.models : undefined;
    if (!response.ok || models === undefined) throw new Error(`HTTP ${response.status}`);
    return models.filter((each) => isObject(each) && typeof each.name === 'string');
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.name : typeof thrown;
    if (!signal.aborted)
      log.warn("cannot list the Ollama server's models", { host: new URL(url).host, path, why });
    return [];
  }
}

async function limitedJson(response: Response): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    if (length > listLimitBytes) throw new RangeError('the list is too long');
    chunks.push(chunk);
  }
  return parseExact(Buffer.concat(chunks).toString());
}
