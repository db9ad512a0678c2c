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
    const body = this.#copy(request, response, init?.signal);
    return new Response(body, response);
  };

  /** Resolves once everything is written. */
  async finish(): Promise<void> {
    await Promise.all(this.#open);
  }

  #copy(
    request: RecordedRequest,
    { status, headers, body }: Response,
    signal: AbortSignal | null | undefined,
  ) {
    const ended = Promise.withResolvers<void>();
    this.#open.add(ended.promise);
    const end = () => {
      this.#open.delete(ended.promise);
      ended.resolve();
    };
    return copyOf(body!, {
      complete: (chunks, isBroken) =>
        this.#save(request, {
          status,
          headers: scrubHeaders(headers),
          chunks: scrubChunks(chunks),
          isBroken,
        }).finally(end),
      incomplete: (why) => {
        this.options.log.warn('not recorded', { path: request.path, why });
        end();
      },
      isAborted: () => signal?.aborted === true,
    });
  }

  async #save(request: RecordedRequest, response: ReadResponse): Promise<void> {
    const { write, isSecret, log } = this.options;
    const { status, headers, chunks, isBroken } = response;
    const subject = subjectOf(request);
    const sent = JSON.stringify(request);
    const received = JSON.stringify(headers) + Buffer.concat(chunks).toString();
    if (containsToken(sent, isSecret) || containsToken(received, isSecret)) {
      log.warn('not recorded: the request or the response contains a credential', { subject });
      return;
    }
    const recording: Recording = {
      request,
      response: { status, headers, chunks: chunks.map(chunkOf), ...(isBroken ? { broken: true } : {}) },
    };
    await write(subject, `${JSON.stringify(recording, null, 2)}\n`).catch((thrown: unknown) => {
      log.error('the recording could not be written', { subject, why: reasonOf(thrown) });
    });
  }
}

interface ReadResponse {
  status: number;
  headers: Record<string, string>;
  chunks: Uint8Array[];
  isBroken: boolean;
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

interface Copy {
  complete(chunks: Uint8Array[], isBroken: boolean): Promise<void>;
  incomplete(why: string): void;
  isAborted(): boolean;
}

/** The same stream, chunk by chunk, no faster than it is read. It ends once it is recorded. */
function copyOf(body: ReadableStream<Uint8Array>, copy: Copy): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let chunks: Uint8Array[] | undefined = [];
  let bytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            if (chunks !== undefined) await copy.complete(chunks, false);
            controller.close();
            return;
          }
          bytes += value.length;
          if (chunks !== undefined && bytes > limitBytes) {
            chunks = undefined;
            copy.incomplete(`The response is larger than ${limitBytes / 1024 / 1024} MB.`);
          }
          chunks?.push(value.slice());
          controller.enqueue(value);
        } catch (thrown) {
          if (copy.isAborted()) copy.incomplete('The client disconnected.');
          else if (chunks !== undefined) await copy.complete(chunks, true);
          controller.error(thrown);
        }
      },
      cancel(reason) {
        copy.incomplete('The response was not read to its end.');
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
