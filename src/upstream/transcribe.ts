// Sends one recording to ChatGPT and returns its text: `POST {base}/transcribe`. All attempts, the waits between them and a
// refresh of the login share one time budget (docs/wire/upstream.md#transcription).
import { stat } from 'node:fs/promises';
import { onAbort, raceAbort } from '../base/abort.ts';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { abortFailure } from './abort-failure.ts';
import type { UpstreamClient } from './client.ts';
import { type Identity, loginHeaders } from './headers.ts';
import { retryDelayMs } from './retry.ts';
import type { Post, Upload } from './transcribe/post.ts';
import { excerptOf, transcribeFailure } from './transcribe/refusal.ts';
import { asUpstreamFailure } from './unreachable.ts';

export interface TranscribeOptions {
  /** Provides the login, the account's base URL and the failures of responses. */
  client: Pick<UpstreamClient, 'withLogin' | 'placeOf' | 'refusalOf'>;
  /** The URL to post to; undefined for /transcribe below the account's base URL. */
  endpoint: string | undefined;
  identity: Omit<Identity, 'clientVersion'>;
  post: Post;
  /** Budget of all attempts together. */
  requestTimeoutMs: number;
  log: Log;
  nowMs: () => number;
  random: () => number;
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The text, trimmed; empty for silence. Throws a Failure. */
export type Transcribe = (upload: Upload, signal: AbortSignal) => Promise<string>;

const retries = 2;
const backoffMs = (attempt: number) => (attempt === 1 ? 1000 : 3000);
/** An upload is not retried with less time than this left. */
const minAttemptMs = 5000;
const responseLimitBytes = 4 * 1024 * 1024;

export function createTranscribe(options: TranscribeOptions): Transcribe {
  const { requestTimeoutMs, log, nowMs } = options;
  const retry = { retries, budgetMs: requestTimeoutMs - minAttemptMs, backoffMs };
  return async (upload, signal) => {
    const controller = new AbortController();
    const stopListening = onAbort(signal, () => controller.abort(abortFailure(signal)));
    const timer = setTimeout(() => controller.abort(timedOut(requestTimeoutMs)), requestTimeoutMs);
    const startMs = nowMs();
    const refreshBudget = { refreshes: 1 };
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          controller.signal.throwIfAborted();
          const timeoutMs = startMs + requestTimeoutMs - nowMs();
          return await send(upload, options, { signal: controller.signal, timeoutMs, refreshBudget });
        } catch (thrown) {
          if (controller.signal.aborted) throw abortFailure(controller.signal);
          const failure = asUpstreamFailure(thrown);
          const progress = { attempt, elapsedMs: nowMs() - startMs };
          const delayMs = retryDelayMs(failure, progress, retry, options.random());
          if (delayMs === undefined) throw failure;
          const { kind, code } = failure;
          log.info('retrying the upload of a recording', {
            attempt,
            kind,
            code,
            delayMs: Math.round(delayMs),
          });
          await raceAbort(options.sleep(delayMs, controller.signal), controller.signal).catch(() => {
            throw abortFailure(controller.signal);
          });
        }
      }
    } finally {
      clearTimeout(timer);
      stopListening();
    }
  };
}

interface Attempt {
  signal: AbortSignal;
  timeoutMs: number;
  /** Login refreshes left for all attempts. */
  refreshBudget: { refreshes: number };
}

async function send(upload: Upload, options: TranscribeOptions, attempt: Attempt): Promise<string> {
  const { client, endpoint, identity, log } = options;
  const { signal, timeoutMs, refreshBudget } = attempt;
  await checkReadable(upload.path);
  const response = await client.withLogin(
    async (credentials) => {
      const headers = loginHeaders(identity, credentials);
      if (endpoint !== undefined) return options.post({ url: endpoint, headers, upload, signal, timeoutMs });
      const { baseUrl, override } = await client.placeOf(credentials, signal);
      if (override !== undefined) headers['x-openai-account-routing-override'] = override;
      return options.post({ url: `${baseUrl}/transcribe`, headers, upload, signal, timeoutMs });
    },
    signal,
    refreshBudget,
  );
  if (!response.ok) throw await client.refusalOf(response, log, transcribeFailure);
  return transcriptIn(await limitedBody(response));
}

/** Checks the file first: for a missing file, `fetch` throws the same error as for a broken network. */
async function checkReadable(path: string): Promise<void> {
  await stat(path).catch((cause: unknown) => {
    throw new Failure('invalid_request', 'Cannot read the recording.', { param: 'file', cause });
  });
}

function timedOut(timeoutMs: number): Failure {
  return new Failure(
    'timeout',
    `ChatGPT did not return a transcript within ${Math.round(timeoutMs / 1000)} s.`,
    {
      code: 'upstream_timeout',
      advice: 'Try again, send a shorter recording, or raise `transcription.request_timeout_seconds`.',
    },
  );
}

/** The text of a response. Other keys are ignored. */
function transcriptIn(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {}
  const { text } = (parsed ?? {}) as { text?: unknown };
  if (typeof text === 'string') return text.trim();
  const page = /^\s*</.test(body) ? excerptOf(body) : undefined;
  throw new Failure(
    'upstream_broke',
    page === undefined
      ? "ChatGPT's response does not contain a transcript."
      : `ChatGPT returned a web page (${page}) instead of a transcript.`,
    { code: 'invalid_answer', retry: false, advice: 'Try again later, or use another engine.' },
  );
}

async function limitedBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let readBytes = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const chunk of response.body ?? []) {
    readBytes += chunk.byteLength;
    if (readBytes > responseLimitBytes) {
      throw new Failure('upstream_broke', "ChatGPT's response exceeds the size limit.", {
        code: 'invalid_answer',
        retry: false,
      });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
