// Failures for responses of /transcribe that are not 200. http-failure.ts handles what all calls have in common.
import { clip } from '../../base/clip.ts';
import { Failure } from '../../failure.ts';
import { redact } from '../../log/redact.ts';
import { errorMessage } from '../../responses/error.ts';
import { amendFailure, errorOf, httpFailure } from '../http-failure.ts';
import { redirectFailure } from '../unreachable.ts';

/** For the 500 that the service returns for every recording it cannot transcribe, and for outages. */
const transcriptionFailedCode = 'transcription_failed';

export function transcribeFailure(status: number, headers: Headers, body: string, nowMs: number): Failure {
  if (status >= 300 && status < 400) return redirectFailure();
  const failure = httpFailure(status, headers, body, nowMs);
  const { code } = failure;
  if (code === 'upstream_challenge') return amendFailure(failure, { advice: challengeAdvice });
  const message = errorMessageIn(body);
  if (message !== undefined && /no active organization/i.test(message)) {
    return new Failure('upstream_refused', message, {
      status: 403,
      code: 'no_active_organization',
      advice: 'Check the workspace of this ChatGPT account.',
    });
  }
  switch (status) {
    case 401:
      return new Failure('login_required', 'ChatGPT refused the login for transcription.', {
        code,
        advice: 'Run `codexd login`; an OpenAI API key will not work here.',
      });
    case 403:
      return amendFailure(failure, {
        message: message ?? 'This account may not use ChatGPT transcription.',
        advice: 'Check the plan and the workspace of this ChatGPT account, or use another engine.',
      });
    case 404:
      return new Failure('upstream_refused', 'The upstream does not offer transcription at this address.', {
        code: 'upstream_error',
        advice: 'Check `transcription.endpoint` and `upstream.base_url`.',
      });
    case 413:
      return amendFailure(failure, {
        message: 'The recording is too large for ChatGPT.',
        param: 'file',
        code: 'payload_too_large',
        advice: 'Send a shorter recording, or compress it as MP3 or FLAC.',
      });
    case 415:
      return new Failure('invalid_request', message ?? 'ChatGPT does not support this audio format.', {
        param: 'file',
        upstreamHeaders: headers,
        code,
        advice: 'Convert it to 16-bit WAV, MP3 or M4A.',
      });
    case 500:
      if (message !== undefined && /error in asr api/i.test(message)) return transcriptionFailed();
  }
  if (message !== undefined) return amendFailure(failure, { message });
  const page = excerptOf(body);
  return page === undefined
    ? failure
    : amendFailure(failure, { message: `The upstream responded with HTTP ${status} (${page}).` });
}

const challengeAdvice =
  'The network address is the cause, not the login. Try another network, another engine, or `transcription.transport = "curl"`.';

function transcriptionFailed(): Failure {
  return new Failure('upstream_broke', 'ChatGPT could not transcribe the recording (Error in ASR API).', {
    code: transcriptionFailedCode,
    advice:
      'ChatGPT reports this for damaged audio, unsupported codecs, recordings over 23 minutes and outages. Convert the recording to 16-bit WAV, retry later, or use another engine.',
  });
}

function errorMessageIn(body: string): string | undefined {
  const message = errorMessage(errorOf(body));
  return message === undefined ? undefined : asOneLine(message);
}

/** An excerpt of a body that is not an error object: the title of a web page, or else its beginning. */
export function excerptOf(body: string): string | undefined {
  const isPage = /^\s*<(?:!doctype|html|head|\?xml)/i.test(body);
  const text = isPage ? (/<title[^<>]*>([^<]*)/i.exec(body)?.[1] ?? 'a page') : body;
  return asOneLine(redact(text)) || undefined;
}

const maxExcerpt = 300;

/** The beginning of the text, as one line. */
function asOneLine(text: string): string {
  return clip(
    text
      .slice(0, 4 * maxExcerpt)
      .replace(/\s+/g, ' ')
      .trim(),
    maxExcerpt,
  );
}
