// Images and documents of user content and tool results. codexd never fetches a URL.
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { InputFile, InputImage, InputPart } from '../../../responses/request.ts';
import { type DroppedFields, fieldsAt, invalid, optionalText, quoted, textAt } from '../check.ts';

const imageTypes = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp']);

/** The first bytes of each format in base64: clients often send a JPEG as `image/png`. */
const imagePrefixes: [string, string][] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];

export function imagePart(block: Fields, path: string, drops: DroppedFields): InputImage {
  if (isSet(block.transformations)) {
    drops.add('image.transformations', 'The upstream does not transform images.');
  }
  const where = `${path}.source`;
  const source = fieldsAt(block.source, where);
  switch (source.type) {
    case 'base64':
      return { type: 'input_image', image_url: imageDataUrl(source, where) };
    case 'url':
      return { type: 'input_image', image_url: webUrl(source.url, `${where}.url`) };
    default:
      throw invalidSource(source, where, '`base64` or `url`');
  }
}

/** An image in the format of OpenAI's chat API, which some clients send to every API. */
export function openaiImagePart({ image_url: image }: Fields, path: string): InputImage {
  const where = `${path}.image_url`;
  const given = typeof image === 'string' ? image : fieldsAt(image, where).url;
  const url = textAt(given, typeof image === 'string' ? where : `${where}.url`);
  const isInline = /^\s*data:/i.test(url);
  return {
    type: 'input_image',
    image_url: isInline ? imageDataUrl({ data: url }, where) : webUrl(url, where),
  };
}

function imageDataUrl(source: Fields, path: string): string {
  const { content, mediaType } = base64Of(source, path);
  const detected = imagePrefixes.find(([prefix]) => content.startsWith(prefix))?.[1];
  const type = detected ?? mediaType;
  if (type !== undefined && imageTypes.has(type)) return `data:${type};base64,${content}`;
  throw invalid(
    `${path}.media_type`,
    `Input should be ${[...imageTypes].join(', ')}, not \`${quoted(mediaType)}\``,
  );
}

/** Some clients send a whole data URL instead of only its content. */
function base64Of(source: Fields, path: string): { content: string; mediaType: string | undefined } {
  const given = textAt(source.data, `${path}.data`);
  const mediaType = optionalText(source.media_type, `${path}.media_type`)?.toLowerCase();
  const prefix = /^\s*data:([^;,]*)[^,]{0,200},/.exec(given.slice(0, 400));
  const bare = prefix === null ? given : given.slice(prefix[0].length);
  const content = /\s/.test(bare) ? bare.replace(/\s+/g, '') : bare;
  if (content === '') throw invalid(`${path}.data`, 'Input should not be empty');
  return { content, mediaType: mediaType ?? prefix?.[1]?.toLowerCase() };
}

function webUrl(value: unknown, path: string): string {
  const url = textAt(value, path);
  if (/^https?:\/\//i.test(url)) return url;
  throw invalid(path, 'Only http and https URLs are supported');
}

function invalidSource(source: Fields, path: string, expected: string) {
  if (source.type === 'file') {
    return invalid(path, 'This server has no Files API', 'Send the content as base64.');
  }
  return invalid(`${path}.type`, `Input should be ${expected}, not \`${quoted(source.type)}\``);
}

/** The parts of a document. Text is wrapped in a `<document>` tag with its title. */
export function documentParts(
  block: Fields,
  path: string,
  drops: DroppedFields,
  partsOf: (content: unknown, path: string) => InputPart[],
): InputPart[] {
  const { citations } = block;
  if (isObject(citations) && citations.enabled) {
    drops.add('document.citations', 'The upstream cites no documents.');
  }
  const where = `${path}.source`;
  const source = fieldsAt(block.source, where);
  const title = optionalText(block.title, `${path}.title`);
  switch (source.type) {
    case 'base64':
      return [pdf(source, title, where)];
    case 'url':
      return [{ type: 'input_file', file_url: webUrl(source.url, `${where}.url`) }];
    case 'text': {
      const context = optionalText(block.context, `${path}.context`);
      const text = textAt(source.data, `${where}.data`);
      return [{ type: 'input_text', text: documentText(title, context, text) }];
    }
    case 'content':
      return partsOf(source.content, `${where}.content`);
    default:
      throw invalidSource(source, where, '`base64`, `text`, `content` or `url`');
  }
}

function pdf(source: Fields, title: string | undefined, path: string): InputFile {
  const { content, mediaType } = base64Of(source, path);
  if (mediaType !== undefined && mediaType !== 'application/pdf') {
    throw invalid(`${path}.media_type`, `Input should be application/pdf, not \`${quoted(mediaType)}\``);
  }
  return {
    type: 'input_file',
    filename: title || 'document.pdf',
    file_data: `data:application/pdf;base64,${content}`,
  };
}

function documentText(title: string | undefined, context: string | undefined, text: string): string {
  const named = title ? ` title="${title.replaceAll('"', '&quot;')}"` : '';
  const before = context ? `${context}\n` : '';
  return `<document${named}>\n${before}${text}\n</document>`.toWellFormed();
}
