// Reads a transcription request in JSON instead of a form, as documented by OpenRouter and sent by Open WebUI. The recording is
// base64 in `input_audio` (https://openrouter.ai/docs/guides/overview/multimodal/stt); other keys are read like form fields.
import { writeFile } from 'node:fs/promises';
import { storageFailure } from '../../../audio/work-directory.ts';
import { Failure } from '../../../failure.ts';
import { isObject } from '../../../responses/fields.ts';
import { type IncomingRequest, readJson } from '../../../server/body.ts';
import { type Form, tooLarge } from '../../../server/form-parts.ts';

/** For everything except the recording. */
const otherFieldsBytes = 1024 * 1024;

export function isJsonRequest({ headers }: Request): boolean {
  return /^application\/json\s*(;|$)/i.test(headers.get('content-type') ?? '');
}

/** The equivalent form, with its recording at `path`, which must not exist yet. Rejects with a Failure. */
export async function spoolJson(received: IncomingRequest, path: string, limitBytes: number): Promise<Form> {
  const limit = Math.ceil((limitBytes * 4) / 3) + otherFieldsBytes;
  const body = await readJson(received, limit);
  if (!isObject(body)) {
    throw new Failure('invalid_request', 'The request body must be a JSON object.', { code: 'invalid_type' });
  }
  const { input_audio: audio, ...rest } = body;
  const fields = Object.entries(rest).flatMap(([name, value]) => fieldsOf(name, value));
  if (audio === undefined || audio === null) throw invalidAudio('is required', 'missing_required_parameter');
  const { data, format } = isObject(audio) ? audio : { data: audio, format: undefined };
  const content = decodeBase64(data);
  if (content.length > limitBytes) throw tooLarge(limitBytes);
  await writeFile(path, content, { flag: 'wx', mode: 0o600 }).catch((cause: unknown) => {
    throw storageFailure(cause);
  });
  const filename = typeof format === 'string' ? `audio.${format}` : undefined;
  return { fields, extraFiles: [], file: { path, bytes: content.length, filename, type: '' } };
}

/** As form fields: a list becomes a repeated name. */
function fieldsOf(name: string, value: unknown): [string, string][] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one) => fieldsOf(`${name}[]`, one));
  return [[name, typeof value === 'string' ? value : JSON.stringify(value)]];
}

/** Standard or URL-safe base64, which may be a `data:` URL and contain line breaks. */
function decodeBase64(data: unknown): Buffer {
  if (typeof data !== 'string') throw invalidAudio('must contain base64 in `data`');
  const start = /^\s*data:[^,]{0,256};\s*base64\s*,/i.exec(data)?.[0].length ?? 0;
  const base64 = data.slice(start).replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(base64)) throw invalidAudio('must be base64');
  return Buffer.from(base64, 'base64');
}

function invalidAudio(
  why: string,
  code: 'invalid_value' | 'missing_required_parameter' = 'invalid_value',
): Failure {
  return new Failure('invalid_request', `\`input_audio\` ${why}.`, {
    code,
    param: 'input_audio',
    advice:
      'Send `"input_audio": {"data": BASE64, "format": "wav"}`, or the recording as the part `file` of a form.',
  });
}
