// The audio routes of OpenAI's API (https://platform.openai.com/docs/api-reference/audio): the upload goes to disk, waits for a place, is
// transcribed, and is gone before the answer ends.
import type { Progress, TranscriptionRequest } from '../../../audio/transcriber.ts';
import type { Transcript } from '../../../audio/transcript.ts';
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
  summary: 'into English, by an engine that can; ChatGPT cannot',
});

function audioEndpoint(
  task: TranscriptionRequest['task'],
  endpoint: Pick<Endpoint, 'path' | 'summary'>,
): Endpoint {
  return { ...endpoint, methods: (services) => ({ POST: (exchange) => respond(task, exchange, services) }) };
}

async function respond(
  task: TranscriptionRequest['task'],
  exchange: Exchange,
  services: Services,
): Promise<Response> {
  if (task === 'translate') await checkTranslates(exchange, services);
  const { translation, source } = await received(task, exchange, services);
  if (translation.stream) return streamed(translation, source, exchange, services);
  return wholeAnswer(await source.transcript, translation);
}

/** Without an engine that could, the route might as well not be there. The first request waits until all engines are known. */
async function checkTranslates(exchange: Exchange, { speech }: Services): Promise<void> {
  const models = await speech.models({ complete: true });
  if (models.some(({ ready, capabilities }) => ready && capabilities.translate)) return;
  const why =
    'no speech engine here can translate; transcribe, and let a chat model translate, or install `whisper-cpp`';
  throw unsupportedEndpoint(exchange.path, why);
}

/** The upload, read and understood, and the work on it, which removes it. */
async function received(
  task: TranscriptionRequest['task'],
  exchange: Exchange,
  services: Services,
): Promise<{ translation: TranscriptionTranslation; source: TranscriptSource }> {
  await using cleanup = new AsyncDisposableStack();
  const { limitBytes } = services.speech;
  const upload = cleanup.use(
    await receiveUpload(exchange, { limitBytes }, services.directories, exchange.signal),
  );
  const translation = transcriptionRequest(upload, task);
  exchange.note({ modelRequested: translation.request.model });
  if (services.strict) refuseDropped(translation.dropped);
  const held = cleanup.move();
  const source = new TranscriptSource((onProgress) =>
    transcribed(upload, translation, exchange, services, onProgress).finally(() => held.disposeAsync()),
  );
  return { translation, source };
}

/** Takes a place only now: slow uploads keep nobody waiting. */
async function transcribed(
  { file }: Upload,
  { request }: TranscriptionTranslation,
  exchange: Exchange,
  { speech: { queue, transcriber } }: Services,
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
