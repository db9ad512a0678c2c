// `serve --record DIR`: passes requests to the upstream, and writes what it responds.
import type { Log } from '../log.ts';
import { reasonOf } from '../system/errno.ts';
import { bodyOf, chunkOf, type RecordedRequest, type Recording, recordedPath } from './recording.ts';
import { containsToken, scrubBody, scrubChunks, scrubHeaders } from './scrub.ts';

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface RecorderOptions {
  fetch: Fetch;
  /** Writes one recording as a whole. `subject`: a word for its name. */
  write: (subject: string, text: string) => Promise<void>;
  /** Whether the text contains a credential that codexd knows. */
  isSecret: (text: string) => boolean;
  log: Log;
}

/** A longer response is not recorded. */
const limitBytes = 64 * 1024 * 1024;

export class Recorder {
  /** One for each response that is being read. */
  readonly #open = new Set<Promise<void>>();

  constructor(private readonly options: RecorderOptions) {}

  readonly fetch: Fetch = async (url, init) => {
    const path = recordedPath(url);
    if (path === undefined) return this.options.fetch(url, init);
    const response = await this.options.fetch(url, { ...init, headers: withoutEtag(init) });
    // Refusals of the login are the login's matter.
    if (response.status === 401 || response.body === null) return response;
    const request = { method: init?.method ?? 'GET', path, body: scrubBody(bodyOf(init)) };
    const { status } = response;
    const headers = scrubHeaders(response.headers);
    const ended = Promise.withResolvers<void>();
    this.#open.add(ended.promise);
    const body = copyOf(response.body, async (read) => {
      await this.#save(request, { status, headers, ...read });
      this.#open.delete(ended.promise);
      ended.resolve();
    });
    return new Response(body, response);
  };

  /** Resolves once everything is written. */
  async finish(): Promise<void> {
    await Promise.all(this.#open);
  }

  async #save(request: RecordedRequest, { status, headers, chunks, isBroken }: ReadResponse): Promise<void> {
    const { write, isSecret, log } = this.options;
    const subject = subjectOf(request);
    if (chunks === undefined) {
      log.warn(`not recorded: the response is larger than ${limitBytes / 1024 / 1024} MB`, { subject });
      return;
    }
    // Nothing was read: the client left before the upstream responded.
    if (isBroken && chunks.length === 0) return;
    const scrubbed = scrubChunks(chunks);
    const received = JSON.stringify(headers) + Buffer.concat(scrubbed).toString();
    if (containsToken(JSON.stringify(request), isSecret) || containsToken(received, isSecret)) {
      log.warn('not recorded: the request or the response contains a credential', { subject });
      return;
    }
    const recording: Recording = {
      request,
      response: { status, headers, chunks: scrubbed.map(chunkOf), ...(isBroken ? { broken: true } : {}) },
    };
    await write(subject, `${JSON.stringify(recording, null, 2)}\n`).catch((thrown: unknown) => {
      log.error('the recording could not be written', { subject, why: reasonOf(thrown) });
    });
  }
}

/** What was read of a response. */
interface Read {
  /** Undefined if there were too many. */
  chunks: Uint8Array[] | undefined;
  /** It was not read to its end. */
  isBroken: boolean;
}

interface ReadResponse extends Read {
  status: number;
  headers: Record<string, string>;
}

/** The catalogue is recorded as a whole, not as "unchanged". */
function withoutEtag(init: RequestInit | undefined): Headers {
  const headers = new Headers(init?.headers);
  headers.delete('if-none-match');
  return headers;
}

/** For the file's name: the model, or the last part of the path. */
function subjectOf({ path, body }: RecordedRequest): string {
  const { model } = (body ?? {}) as { model?: unknown };
  return typeof model === 'string' ? model : path.replace(/\?.*/, '').split('/').at(-1)!;
}

/** The same stream, chunk by chunk, no faster than it is read. It ends once `onEnd` has resolved. */
function copyOf(
  body: ReadableStream<Uint8Array>,
  onEnd: (read: Read) => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let chunks: Uint8Array[] | undefined = [];
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            await onEnd({ chunks, isBroken: false });
            controller.close();
            return;
          }
          bytes += value.length;
          if (bytes > limitBytes) chunks = undefined;
          chunks?.push(value.slice());
          controller.enqueue(value);
        } catch (thrown) {
          await onEnd({ chunks, isBroken: true });
          controller.error(thrown);
        }
      },
      async cancel(reason) {
        await reader.cancel(reason);
        await onEnd({ chunks, isBroken: true });
      },
    },
    { highWaterMark: 0 },
  );
}
