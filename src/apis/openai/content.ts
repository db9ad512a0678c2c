// Translates content parts of chat and Responses requests (docs/wire/openai.md#content-parts). Only known keys are copied,
// because the upstream rejects others with a 400.
import { type Fields, isObject, isSet } from '../../responses/fields.ts';
import type { InputFile, InputImage, InputPart } from '../../responses/request.ts';
import type { OutputTextPart, RefusalPart } from '../../responses/response.ts';
import { fields, invalid, optionalString, quoted } from './check.ts';

export type AssistantPart = OutputTextPart | RefusalPart;

/** Content of a user, a developer or a tool. */
export function inputParts(content: unknown, param: string): InputPart[] {
  if (typeof content === 'string') return [{ type: 'input_text', text: content }];
  return partsOf(content, param).map((part, index) => inputPart(part, `${param}[${index}]`));
}

/** Content of the assistant. Every kind of text becomes `output_text`. */
export function assistantParts(content: unknown, param: string): AssistantPart[] {
  if (typeof content === 'string') return [{ type: 'output_text', text: content }];
  return partsOf(content, param).map((part, index) => assistantPart(part, `${param}[${index}]`));
}

/** A tool's result. Strings and parts stay what they are; any other value becomes JSON text. */
export function toolOutput(output: unknown, param: string): string | InputPart[] {
  if (typeof output === 'string') return output;
  if (!isSet(output)) return '';
  if (!Array.isArray(output) || !output.every(isToolPart)) return JSON.stringify(output);
  return output.length === 0 ? '' : inputParts(output, param);
}

function isToolPart(part: unknown): boolean {
  return isObject(part) && typeof part.type === 'string' && toolPartTypes.has(part.type);
}

const toolPartTypes = new Set([
  'text',
  'input_text',
  'output_text',
  'image_url',
  'input_image',
  'file',
  'input_file',
]);

function partsOf(content: unknown, param: string): unknown[] {
  if (Array.isArray(content)) return content;
  throw invalid(param, `\`${param}\` must be a string or an array of parts.`, 'invalid_type');
}

function inputPart(value: unknown, param: string): InputPart {
  if (typeof value === 'string') return { type: 'input_text', text: value };
  const part = fields(value, param);
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return { type: 'input_text', text: textOf(part, param) };
    case 'image_url':
    case 'input_image':
      return image(part, param);
    case 'file':
      return file(fields(part.file, `${param}.file`), `${param}.file`);
    case 'input_file':
      return file(part, param);
    case 'input_audio':
      throw invalid(
        `${param}.type`,
        'Audio input is not supported: the models accept text and images.',
        'unsupported_value',
      );
    default:
      throw unknownPart(part, param);
  }
}

function assistantPart(value: unknown, param: string): AssistantPart {
  if (typeof value === 'string') return { type: 'output_text', text: value };
  const part = fields(value, param);
  switch (part.type) {
    case 'text':
    case 'input_text':
    case 'output_text':
      return { type: 'output_text', text: textOf(part, param) };
    case 'refusal': {
      const refusal = optionalString(part.refusal, `${param}.refusal`);
      return { type: 'refusal', refusal: refusal ?? '' };
    }
    default:
      throw unknownPart(part, param);
  }
}

function textOf(part: Fields, param: string): string {
  if (typeof part.text === 'string') return part.text;
  throw invalid(`${param}.text`, `\`${param}.text\` must be a string.`, 'invalid_type');
}

function unknownPart(part: Fields, param: string) {
  return invalid(
    `${param}.type`,
    `Content parts of type \`${quoted(part.type)}\` are not supported here.`,
    'invalid_value',
  );
}

const imageDataUrl = /^data:image\/(?:png|jpe?g|webp|gif)(?:;[^,;]+)*;base64,/i;
const webUrl = /^https?:\/\//i;
const imageDetails = new Set(['auto', 'low', 'high', 'original']);

/** Chat wraps the URL in an object, Responses does not. */
function image(part: Fields, param: string): InputImage {
  rejectFileId(part, param);
  const wrapped = isObject(part.image_url);
  const url = isObject(part.image_url) ? part.image_url.url : part.image_url;
  const where = wrapped ? `${param}.image_url.url` : `${param}.image_url`;
  if (typeof url !== 'string' || !(imageDataUrl.test(url) || webUrl.test(url))) {
    throw invalid(
      where,
      `\`${where}\` must be an http(s) URL or a base64 data URL of a PNG, JPEG, WebP or GIF image.`,
      'invalid_value',
    );
  }
  const given = isObject(part.image_url) ? (part.image_url.detail ?? part.detail) : part.detail;
  const detail = optionalString(given, `${param}.detail`);
  if (detail !== undefined && !imageDetails.has(detail)) {
    throw invalid(`${param}.detail`, `\`${detail}\` is not a valid image detail.`, 'invalid_value');
  }
  return { type: 'input_image', image_url: url, ...(detail === undefined ? {} : { detail }) };
}

function file(given: Fields, param: string): InputFile {
  rejectFileId(given, param);
  const filename = optionalString(given.filename, `${param}.filename`);
  const named = filename === undefined ? {} : { filename };
  const inline = optionalString(given.file_data, `${param}.file_data`);
  if (inline) return { type: 'input_file', ...named, file_data: dataUrl(inline, filename) };
  const url = optionalString(given.file_url, `${param}.file_url`);
  if (url && webUrl.test(url)) return { type: 'input_file', ...named, file_url: url };
  throw invalid(
    `${param}.file_data`,
    'A file needs `file_data` with its content as base64, or an http(s) `file_url`.',
    'missing_required_parameter',
  );
}

/** `Bun.file` only derives the type from the name; it does not open the file. */
function dataUrl(given: string, filename: string | undefined): string {
  if (given.startsWith('data:')) return given;
  const [type] = Bun.file(filename ?? '').type.split(';');
  return `data:${type};base64,${given}`;
}

function rejectFileId(part: Fields, param: string): void {
  if (!isSet(part.file_id)) return;
  throw invalid(
    `${param}.file_id`,
    'This server has no Files API; send the content itself.',
    'unsupported_parameter',
  );
}
