// The audio routes of OpenAI's API (https://platform.openai.com/docs/api-reference/audio): the upload goes to disk, waits for a place, is
// transcribed, and is gone before the answer ends.
import type { Progress, TranscriberLike, TranscriptionRequest } from '../../../audio/transcriber.ts';
import type { Transcript } from '../../../audio/transcript.ts';
import type { WorkDirectories } from '../../../audio/work-directory.ts';
import type { Log } from '../../../log.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { headerText, ignoredHeader, streamHeaders } from '../../../server/headers.ts';
import { noteFailure } from '../../../server/note-failure.ts';
import type { Route } from '../../../server/router.ts';
import { streamOf } from '../../../server/streaming.ts';
import type { Ticker } from '../../../stream/ticker.ts';
import type { Queue } from '../../../turns/queue.ts';
import { refuseDropped } from '../../../turns/run.ts';
import type { SpeechModel } from '../transcriptions/models.ts';
import { transcriptionRequest } from '../transcriptions/request.ts';
import { TranscriptionEncoder } from '../transcriptions/stream.ts';
import type { TranscriptionTranslation } from '../transcriptions/types.ts';
import { formatTranscription } from '../transcriptions/whole.ts';
import { unsupportedEndpoint } from '../unsupported.ts';
import { TranscriptSource } from './transcript-source.ts';
import { receiveUpload, type Upload } from './upload.ts';

export interface AudioRoutesOptions {
  transcriber: TranscriberLike;
  directories: WorkDirectories;
  /** One for the life of the daemon. */
  queue: Queue;
  /** Largest recording. */
  limitBytes: number;
  /** What can be asked for, from memory; for translations, which few engines can. */
  speech: (options?: { complete?: true }) => Promise<SpeechModel[]>;
  ticker: Ticker;
  /** Silence after which a stream gets a heartbeat; 0 for never. */
  keepaliveMs: number;
  /** How long a stream's head waits for the first words: until then a failure is a status. */
  settleMs: number;
  /** Whether what cannot be had is a 400 instead of a line in `x-codexd-ignored`. */
  strict: boolean;
  log: Log;
}

export function audioRoutes(options: AudioRoutesOptions): Route[] {
  const answer = (task: TranscriptionRequest['task']) => async (exchange: Exchange) => {
    if (task === 'translate') await checkTranslates(exchange, options);
    const { translation, source } = await received(task, exchange, options);
    if (translation.stream) return streamed(translation, source, exchange, options);
    return wholeAnswer(await source.transcript, translation);
  };
  return [
    { path: '/v1/audio/transcriptions', methods: { POST: answer('transcribe') } },
    { path: '/v1/audio/translations', methods: { POST: answer('translate') } },
  ];
}

/** Without an engine that could, the route might as well not be there. The first request waits until all engines are known. */
async function checkTranslates(exchange: Exchange, { speech }: AudioRoutesOptions): Promise<void> {
  const models = await speech({ complete: true });
  if (models.some(({ ready, capabilities }) => ready && capabilities.translate)) return;
  const why =
    'no speech engine here can translate; transcribe, and let a chat model translate, or install `whisper-cpp`';
  throw unsupportedEndpoint(exchange.path, why);
}

/** The upload, read and understood, and the work on it, which removes it. */
async function received(
  task: TranscriptionRequest['task'],
  exchange: Exchange,
  options: AudioRoutesOptions,
): Promise<{ translation: TranscriptionTranslation; source: TranscriptSource }> {
  await using cleanup = new AsyncDisposableStack();
  const { limitBytes } = options;
  const upload = cleanup.use(
    await receiveUpload(exchange, { limitBytes }, options.directories, exchange.signal),
  );
  const translation = transcriptionRequest(upload, task);
  exchange.note({ modelRequested: translation.request.model });
  if (options.strict) refuseDropped(translation.dropped);
  const held = cleanup.move();
  const source = new TranscriptSource((onProgress) =>
    transcribed(upload, translation, exchange, options, onProgress).finally(() => held.disposeAsync()),
  );
  return { translation, source };
}

/** Takes a place only now: slow uploads keep nobody waiting. */
async function transcribed(
  { file }: Upload,
  { request }: TranscriptionTranslation,
  exchange: Exchange,
  { queue, transcriber }: AudioRoutesOptions,
  onProgress: (progress: Progress) => void,
): Promise<Transcript> {
  const leave = await queue.enter(exchange.signal);
  try {
    const { models } = exchange.caller;
    const asked: TranscriptionRequest = models === undefined ? request : { ...request, allowed: models };
    const transcript = await transcriber.transcribe(file!.path, asked, {
      signal: exchange.signal,
      onProgress: (progress) => {
        // A stream's headers go out before its transcript is whole.
        if (progress.state === 'chosen') exchange.note({ modelUsed: `${progress.engine}:${progress.model}` });
        onProgress(progress);
      },
    });
    exchange.note({ modelUsed: `${transcript.engine}:${transcript.model}` });
    exchange.note({ audioSeconds: transcript.durationS });
    return transcript;
  } finally {
    leave();
  }
}

function wholeAnswer(transcript: Transcript, translation: TranscriptionTranslation): Response {
  const { body, contentType } = formatTranscription(transcript, translation);
  const { approximate, warnings } = transcript;
  const showsTimes = translation.shows.segments && !/^(json|text)$/.test(translation.format);
  return new Response(body, {
    headers: {
      'content-type': contentType,
      ...ignoredHeader(translation.dropped),
      ...(approximate && showsTimes ? { 'x-codexd-approximate': 'segments' } : {}),
      ...(warnings.length === 0 ? {} : { 'x-codexd-warning': headerText(warnings.join(' ')) }),
    },
  });
}

/** From here on the response ends with its stream, and the exchange with the work. */
async function streamed(
  { dropped }: TranscriptionTranslation,
  source: TranscriptSource,
  exchange: Exchange,
  { ticker, keepaliveMs, settleMs, log }: AudioRoutesOptions,
): Promise<Response> {
  await source.settle(settleMs);
  const end = () => exchange.end();
  const body = streamOf({
    exchange,
    source,
    encoder: new TranscriptionEncoder(),
    ticker,
    keepaliveMs,
    failed: (thrown) => noteFailure(thrown, exchange, log),
    ended: () => void source.transcript.then(end, end),
  });
  const headers = { 'content-type': 'text/event-stream', ...streamHeaders, ...ignoredHeader(dropped) };
  exchange.stream();
  return new Response(body, { headers });
}
