// Converts a multipart edit to the JSON form of the same request (docs/wire/openai.md#image-edits). All scalars arrive as text.
import type { Fields } from '../../../responses/fields.ts';

const numbers = new Set(['n', 'output_compression', 'partial_images', 'frame_count', 'frame_duration_ms']);

export async function fieldsOfForm(form: [name: string, value: string | Blob][]): Promise<Fields> {
  const body: Fields = {};
  const images: Fields[] = [];
  for (const [name, value] of form) {
    if (typeof value !== 'string') {
      const file = { image_url: await dataUrl(value) };
      if (name === 'mask') body.mask = file;
      else if (name === 'image' || name === 'image[]') images.push(file);
      else body[name] = file; // unknown: reported as ignored
    } else if (value !== '') body[name] = scalar(name, value);
  }
  return { ...body, images };
}

async function dataUrl(file: Blob): Promise<string> {
  return `data:${file.type.split(';')[0]};base64,${Buffer.from(await file.arrayBuffer()).toString('base64')}`;
}

function scalar(name: string, text: string): unknown {
  if (numbers.has(name) && /^-?\d+$/.test(text)) return Number(text);
  if (name === 'stream' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}
