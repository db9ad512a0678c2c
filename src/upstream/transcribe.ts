// One recording to ChatGPT, and its text back: `POST {base}/transcribe`. Attempts, their waits and a
// refreshed login share one budget of time.
import { stat } from 'node:fs/promises';
import { raceAbort } from '../base/abort.ts';
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
  /** Its login, its routes and its way to read refusals. */
  client: Pick<UpstreamClient, 'withLogin' | 'placeOf' | 'refusalOf'>;
  /** Taken as it is; without one it is /transcribe where the account's turns go. */
  endpoint: string | undefined;
  identity: Omit<Identity, 'clientVersion'>;
  post: Post;
  /** For all attempts together. */
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
/** With less than this left an upload is not begun again. */
const leastAttemptMs = 5000;
const answerLimitBytes = 4 * 1024 * 1024;

export function createTranscribe(options: TranscribeOptions): Transcribe {
  const { requestTimeoutMs, log, nowMs } = options;
  const retry = { retries, budgetMs: requestTimeoutMs - leastAttemptMs, backoffMs };
  return async (upload, signal) => {
    const controller = new AbortController();
    const leave = () => controller.abort(abortFailure(signal));
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    const late = setTimeout(() => controller.abort(tookTooLong(requestTimeoutMs)), requestTimeoutMs);
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
          log.info('sending a recording again', { attempt, kind, code, delayMs: Math.round(delayMs) });
          await raceAbort(options.sleep(delayMs, controller.signal), controller.signal).catch(() => {
            throw abortFailure(controller.signal);
          });
        }
      }
    } finally {
      clearTimeout(late);
      signal.removeEventListener('abort', leave);
    }
  };
}

interface Attempt {
  signal: AbortSignal;
  timeoutMs: number;
  /** What is left of the refreshes of all attempts. */
  refreshBudget: { refreshes: number };
}

async function send(upload: Upload, options: TranscribeOptions, attempt: Attempt): Promise<string> {
  const { client, endpoint, identity, log } = options;
  const { signal, timeoutMs, refreshBudget } = attempt;
  await refuseMissing(upload.path);
  const answer = await client.withLogin(
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
  if (!answer.ok) throw await client.refusalOf(answer, log, transcribeFailure);
  return textIn(await limitedBody(answer));
}

/** What `fetch` throws for a file that is gone looks like a broken network. */
async function refuseMissing(path: string): Promise<void> {
  await stat(path).catch((cause: unknown) => {
    throw new Failure('invalid_request', 'The recording cannot be read.', { param: 'file', cause });
  });
}

function tookTooLong(timeoutMs: number): Failure {
  return new Failure('timeout', `ChatGPT gave no text within ${Math.round(timeoutMs / 1000)} s.`, {
    code: 'upstream_timeout',
    advice: 'Try again, send a shorter recording, or raise `transcription.request_timeout_seconds`.',
  });
}

/** Only `text` is read; other keys may come and go. */
function textIn(body: string): string {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {}
  const { text } = (answer ?? {}) as { text?: unknown };
  if (typeof text === 'string') return text.trim();
  const page = /^\s*</.test(body) ? excerptOf(body) : undefined;
  throw new Failure(
    'upstream_broke',
    `ChatGPT's answer to a recording holds no text${page === undefined ? '' : ` but a page (${page})`}.`,
    { code: 'invalid_answer', retry: false, advice: 'Try again later, or use another engine.' },
  );
}

async function limitedBody(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let readBytes = 0;
  // Leaving the loop cancels what is left.
  for await (const piece of answer.body ?? []) {
    readBytes += piece.byteLength;
    if (readBytes > answerLimitBytes) {
      throw new Failure('upstream_broke', 'ChatGPT answered a recording with more text than can be.', {
        code: 'invalid_answer',
        retry: false,
      });
    }
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
}
