// What the answers of /transcribe mean that are not 200. What holds for every call is in http-failure.ts.
import { Failure } from '../../failure.ts';
import { redact } from '../../log/redact.ts';
import { errorMessage } from '../../responses/error.ts';
import { amendFailure, errorOf, httpFailure } from '../http-failure.ts';
import { redirectFailure } from '../unreachable.ts';

/** Of the 500 that stands for everything the service cannot make text of, and for its outages. */
const notHeardCode = 'transcription_failed';

export function transcribeFailure(status: number, headers: Headers, body: string, nowMs: number): Failure {
  if (status >= 300 && status < 400) return redirectFailure();
  const failure = httpFailure(status, headers, body, nowMs);
  const { code } = failure;
  if (code === 'upstream_challenge') return amendFailure(failure, { advice: challengeAdvice });
  const said = saidIn(body);
  if (said !== undefined && /no active organization/i.test(said)) {
    return new Failure('upstream_refused', said, {
      status: 403,
      code: 'no_active_organization',
      advice: 'Check the workspace of this ChatGPT account.',
    });
  }
  switch (status) {
    case 401:
      return new Failure('login_required', 'ChatGPT refused the login for transcription.', {
        code,
        advice: 'Run `codexd login`; an OpenAI API key does not do here.',
      });
    case 403:
      return amendFailure(failure, {
        message: said ?? 'ChatGPT does not transcribe for this account.',
        advice: 'Check the plan and the workspace of this ChatGPT account, or use another engine.',
      });
    case 404:
      return new Failure('upstream_refused', 'The upstream has no transcription at this address.', {
        code: 'upstream_error',
        advice: 'Check `transcription.endpoint` and `upstream.base_url`.',
      });
    case 413:
      return amendFailure(failure, {
        message: 'The recording is too large for ChatGPT.',
        param: 'file',
        code: 'payload_too_large',
        advice: 'Send a shorter recording, or the same in a compressed form such as MP3 or FLAC.',
      });
    case 415:
      return new Failure('invalid_request', said ?? 'ChatGPT does not take this kind of recording.', {
        param: 'file',
        upstreamHeaders: headers,
        code,
        advice: 'Convert it to 16-bit WAV, MP3 or M4A.',
      });
    case 500:
      if (said !== undefined && /error in asr api/i.test(said)) return notHeard();
  }
  if (said !== undefined) return amendFailure(failure, { message: said });
  const page = excerptOf(body);
  return page === undefined
    ? failure
    : amendFailure(failure, { message: `The upstream responded with HTTP ${status} (${page}).` });
}

const challengeAdvice =
  'This is about the network address, not the login: try another network, another engine, or `transcription.transport = "curl"`.';

function notHeard(): Failure {
  return new Failure('upstream_broke', 'ChatGPT made no text of the recording (Error in ASR API).', {
    code: notHeardCode,
    advice:
      'It says so of damaged audio, of codecs it does not read, of more than 23 minutes, and when it is out of order: convert the recording to 16-bit WAV, try later, or use another engine.',
  });
}

function saidIn(body: string): string | undefined {
  const message = errorMessage(errorOf(body));
  return message === undefined ? undefined : clipped(message);
}

/** A body that is no error object: of a page its title, of anything else the beginning. */
export function excerptOf(body: string): string | undefined {
  const isPage = /^\s*<(?:!doctype|html|head|\?xml)/i.test(body);
  const text = isPage ? (/<title[^<>]*>([^<]*)/i.exec(body)?.[1] ?? 'a page') : body;
  return clipped(redact(text)) || undefined;
}

const clipAt = 300;

/** By characters: half of one would be worse than none. */
function clipped(text: string): string {
  const characters = [
    ...text
      .slice(0, 4 * clipAt)
      .replace(/\s+/g, ' ')
      .trim(),
  ];
  return characters.length <= clipAt ? characters.join('') : `${characters.slice(0, clipAt).join('')}…`;
}
