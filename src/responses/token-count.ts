// Estimates the tokens of a request as it would be sent upstream. Rather too high than too low: with a low estimate, clients
// compact too late.
import { imageSize } from './image-size.ts';
import type { InputItem, InputPart, ResponsesRequest } from './request.ts';

/** Counts the tokens of a text (`models/tokenizer.ts`), however long its words. */
export type CountText = (text: string) => number;

const perRequest = 8;
const perItem = 4;

export function requestTokens(request: ResponsesRequest, count: CountText): number {
  const { instructions, input, tools, text } = request;
  const texts = [
    instructions ?? '',
    tools === undefined ? '' : JSON.stringify(tools),
    text?.format === undefined ? '' : JSON.stringify(text.format),
  ];
  const items = input.map((item) => perItem + itemTokens(item, count));
  return Math.ceil(perRequest + sum(texts.map(count)) + sum(items));
}

function itemTokens(item: InputItem, count: CountText): number {
  const {
    name,
    arguments: given,
    content,
    output,
    tools,
    encrypted_content,
  } = item as Record<string, unknown>;
  const texts = [name, given, output].filter((value) => typeof value === 'string');
  if (Array.isArray(tools)) texts.push(JSON.stringify(tools));
  const parts = [content, output].filter(Array.isArray).flat() as InputPart[];
  return (
    sum(texts.map(count)) +
    sum(parts.map((part) => partTokens(part, count))) +
    (typeof encrypted_content === 'string' ? blobTokens(encrypted_content) : 0)
  );
}

function partTokens(part: InputPart, count: CountText): number {
  switch (part.type) {
    case 'input_image':
      return imageTokens(part.image_url);
    case 'input_file':
      return fileTokens(part.file_data);
    default:
      return count(part.text);
  }
}

/** A guess: four characters of the decoded text per token, half of which count. */
function blobTokens(encryptedContent: string): number {
  return Math.ceil((encryptedContent.length * 3) / 4 / 4) * 0.5;
}

const defaultImageTokens = 1500;
const largestImagePatches = 1536;
/** Enough for the frame header of a JPEG after its thumbnail, and a multiple of four. */
const imageHeadLength = 96 * 1024;

/** By patches of 32 × 32 pixels; the upstream scales down images with more of them. */
function imageTokens(url: string): number {
  const base64 = contentOf(url);
  const size = base64 && imageSize(Buffer.from(base64.slice(0, imageHeadLength), 'base64'));
  if (!size) return defaultImageTokens;
  const patches = Math.ceil(size.width / 32) * Math.ceil(size.height / 32);
  return Math.min(patches, largestImagePatches) * 1.2;
}

const pdfPageTokens = 2000;

/** By pages if they can be counted; newer PDFs compress the list of pages. */
function fileTokens(url: string | undefined): number {
  const base64 = url && contentOf(url);
  if (!base64) return pdfPageTokens;
  const bytes = Buffer.from(base64, 'base64');
  const pages = bytes.toString('latin1').match(/\/Type\s*\/Page(?![A-Za-z])/g)?.length ?? 0;
  return pages > 0 ? pages * pdfPageTokens : bytes.length / 30;
}

function contentOf(url: string): string | undefined {
  return url.startsWith('data:') ? url.slice(url.indexOf(',') + 1) : undefined;
}

/** Without a tokenizer: three bytes per token is a little more than any ordinary text has. */
export function roughCount(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
