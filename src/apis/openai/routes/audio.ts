// The audio routes of OpenAI's API (https://platform.openai.com/docs/api-reference/audio): the upload is written to disk, queued,
// transcribed, and deleted before the response ends.
import type { Progress, TranscriptionRequest } from '../../../audio/transcriber.ts';
import type { Transcript } from '../../../audio/transcript.ts';
import { timed } from '../../../base/timed.ts';
import type { Exchange } from '../../../server/exchange.ts';
import { headerText, ignoredHeader, streamHeaders } from '../../../server/headers.ts';
import { noteFailure } from '../../../server/note-failure.ts';
import { streamOf } from '../../../server/streaming.ts';
import { refuseDropped } from '../../../turns/run.ts';
import type { Endpoint } from '../../api.ts';
import type { ApiServices } from '../../services.ts';
import { transcriptionRequest } from '../transcriptions/request.ts';
import { TranscriptionEncoder } from '../transcriptions/stream.ts';
import type { TranscriptionTranslation } from '../transcriptions/types.ts';
import { formatTranscription } from '../transcriptions/whole.ts';
import { unsupportedEndpoint } from '../unsupported.ts';
import { TranscriptSource } from './transcript-source.ts';
import { receiveUpload, type Upload } from './upload.ts';

type Services = Pick<ApiServices, 'directories' | 'speech' | 'ticker' | 'keepaliveMs' | 'strict' | 'log'>;

export const transcribe = audioEndpoint('transcribe', {
  path: '/v1/audio/transcriptions',
  summary:
    'recordings of any common format, as a form or as JSON with base64 in `input_audio`; `json`, `text`, `verbose_json`, `srt`, `vtt` and `stream`; see Speech',
});

export const translate = audioEndpoint('translate', {
  path: '/v1/audio/translations',
  summary: 'translates into English, with an engine that supports it; ChatGPT does not',
});

function audioEndpoint(
  task: TranscriptionRequest['task'],
  endpoint: Pick<Endpoint, 'path' | 'summary'>,
): Endpoint {
  return {
    ...endpoint,
    accepts: ['multipart/form-data', 'application/json'],
    returns: ['application/json', 'text/plain', 'text/event-stream'],
    methods: (services) => ({ POST: (exchange) => respond(task, exchange, services) }),
  };
}

async function respond(
  task: TranscriptionRequest['task'],
  exchange: Exchange,
  services: Services,
): Promise<Response> {
  if (task === 'translate') await checkTranslation(exchange, services);
  const { translation, source } = await receive(task, exchange, services);
  if (translation.stream) return streamResponse(translation, source, exchange, services);
  return wholeResponse(await source.transcript, translation);
}

/** Throws 404 if no engine can translate. The first request waits until all engines are known. */
async function checkTranslation(exchange: Exchange, { speech }: Services): Promise<void> {
  const models = await speech.models({ complete: true });
  if (models.some(({ ready, capabilities }) => ready && capabilities.translate)) return;
  const why =
    'no installed speech engine can translate; install `whisper-cpp`, or transcribe and let a chat model translate';
  throw unsupportedEndpoint(exchange.path, why);
}

/** Receives the upload and starts to transcribe it; the upload is removed afterwards. */
async function receive(
  task: TranscriptionRequest['task'],
  exchange: Exchange,
  services: Services,
): Promise<{ translation: TranscriptionTranslation; source: TranscriptSource }> {
  await using cleanup = new AsyncDisposableStack();
  const { limitBytes } = services.speech;
  const receiving = receiveUpload(exchange, { limitBytes }, services.directories, exchange.signal);
  const upload = cleanup.use(await timed(receiving, (body) => exchange.noteTimes({ body })));
  const translation = transcriptionRequest(upload, task);
  exchange.note({ modelRequested: translation.request.model });
  if (services.strict) refuseDropped(translation.dropped);
  const held = cleanup.move();
  const source = new TranscriptSource((onProgress) =>
    transcribeUpload(upload, translation, exchange, services, onProgress).finally(() => held.disposeAsync()),
  );
  return { translation, source };
}

/** Queues only now, so that slow uploads do not occupy a slot. */
async function transcribeUpload(
  { file }: Upload,
  { request }: TranscriptionTranslation,
  exchange: Exchange,
  { speech: { queue, admit, transcriber } }: Services,
  onProgress: (progress: Progress) => void,
): Promise<Transcript> {
  admit(exchange.caller);
  const release = await timed(queue.enter(exchange.signal), (waited) =>
    exchange.noteTimes({ queue: waited }),
  );
  try {
    const { models } = exchange.caller;
    const allowedRequest: TranscriptionRequest =
      models === undefined ? request : { ...request, allowed: models };
    const transcribing = transcriber.transcribe(file!.path, allowedRequest, {
      signal: exchange.signal,
      onProgress: (progress) => {
        // A stream's headers are sent before its transcript is complete.
        if (progress.state === 'chosen') exchange.note({ modelUsed: `${progress.engine}:${progress.model}` });
        onProgress(progress);
      },
    });
    const transcript = await timed(transcribing, (upstream) => exchange.noteTimes({ upstream }));
    exchange.note({ modelUsed: `${transcript.engine}:${transcript.model}` });
    exchange.note({ audioSeconds: transcript.durationS });
    return transcript;
  } finally {
    release();
  }
}

function wholeResponse(transcript: Transcript, translation: TranscriptionTranslation): Response {
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

/** The response ends with its stream, the exchange with the transcription. */
async function streamResponse(
  { dropped }: TranscriptionTranslation,
  source: TranscriptSource,
  exchange: Exchange,
  { ticker, keepaliveMs, speech, log }: Services,
): Promise<Response> {
  await source.settle(speech.settleMs);
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
