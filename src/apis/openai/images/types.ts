// Wire types of POST /v1/images/generations and /v1/images/edits (https://platform.openai.com/docs/api-reference/images,
// docs/wire/openai.md#image-api), and the request data that their responses need.
import type { Translation } from '../../../responses/translator.ts';

export type ImageAction = 'generate' | 'edit';

/** The properties of an image; `auto` if unspecified. */
export interface ImageProperties {
  background: string;
  output_format: string;
  quality: string;
  size: string;
}

export interface ImageTranslation extends Translation {
  action: ImageAction;
  /** The image model; `model` is the chat model that calls it. */
  imageModel: string;
  /** The number of requested images, one turn each. */
  count: number;
  look: ImageProperties;
}

export interface ImageUsage {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  input_tokens_details?: Record<string, number>;
  output_tokens_details?: Record<string, number>;
}

export interface ImagesAnswer extends Partial<ImageProperties> {
  created: number;
  data: { b64_json: string; revised_prompt?: string }[];
  usage?: ImageUsage;
}
