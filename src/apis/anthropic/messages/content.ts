// Translates blocks of user content and tool results to input parts. Builds new objects with known keys only: the upstream
// rejects `cache_control` or `citations` in a part with a 400.
import { type Fields, isSet } from '../../../responses/fields.ts';
import type { InputPart, InputText } from '../../../responses/request.ts';
import type { ToolNames } from '../../tool-names.ts';
import {
  type DroppedFields,
  fieldsAt,
  invalid,
  listAt,
  nameAt,
  optionalText,
  quoted,
  textAt,
} from '../check.ts';
import { documentParts, imagePart, openaiImagePart } from './sources.ts';

export interface ContentOptions {
  names: ToolNames;
  drops: DroppedFields;
}

export interface Block {
  fields: Fields;
  type: unknown;
  path: string;
}

/** The blocks of a string or an array, which may contain strings. */
export function blocksOf(content: unknown, path: string, drops: DroppedFields): Block[] {
  if (typeof content === 'string') return [textBlock(content, path)];
  if (!isSet(content)) throw invalid(path, 'Field required');
  if (!Array.isArray(content)) throw invalid(path, 'Input should be a text or a list of blocks');
  return content.map((value: unknown, index) => {
    const where = `${path}.${index}`;
    if (typeof value === 'string') return textBlock(value, where);
    const fields = fieldsAt(value, where);
    drops.cacheControl(fields);
    return { fields, type: fields.type, path: where };
  });
}

function textBlock(text: string, path: string): Block {
  return { fields: { text }, type: 'text', path };
}

/** The parts of a block, none for an empty text; undefined for an unsupported type. */
export function inputParts(block: Block, options: ContentOptions): InputPart[] | undefined {
  const { fields, path } = block;
  switch (block.type) {
    case 'text':
      return inputText(blockText(block));
    case 'image':
      return [imagePart(fields, path, options.drops)];
    case 'image_url':
      return [openaiImagePart(fields, path)];
    case 'document':
      return documentParts(fields, path, options.drops, (content, where) =>
        allParts(blocksOf(content, where, options.drops), options),
      );
    case 'search_result':
      return inputText(searchResult(fields, path));
    case 'tool_reference':
      return inputText(toolAvailable(fields.tool_name, `${path}.tool_name`, options.names));
    case 'browser_state': {
      const { cache_control: _, ...state } = fields;
      return inputText(JSON.stringify(state));
    }
    case 'container_upload':
      throw invalid(path, 'This server has no Files API', 'Send the content as base64.');
    default:
      return undefined;
  }
}

/** The parts of all blocks; unsupported types are omitted and reported. */
export function allParts(blocks: Block[], options: ContentOptions): InputPart[] {
  return blocks.flatMap((block) => inputParts(block, options) ?? omit(block, options.drops));
}

export function omit({ type }: Block, drops: DroppedFields): [] {
  drops.add(`content block ${quoted(type)}`, 'The upstream has no equivalent.');
  return [];
}

/** The text of a text block. The upstream refuses lone surrogates. */
export function blockText({ fields, path }: Block): string {
  return textAt(fields.text, `${path}.text`).toWellFormed();
}

export function toolAvailable(name: unknown, path: string, names: ToolNames): string {
  return `Tool available: ${names.upstream(nameAt(name, path), path)}`;
}

function inputText(text: string): InputText[] {
  return text === '' ? [] : [{ type: 'input_text', text }];
}

function searchResult(fields: Fields, path: string): string {
  const title = optionalText(fields.title, `${path}.title`);
  const source = optionalText(fields.source, `${path}.source`);
  const texts = listAt(fields.content, `${path}.content`).map((value, index) => {
    const where = `${path}.content.${index}`;
    return textAt(fieldsAt(value, where).text, `${where}.text`);
  });
  return [title, source, ...texts].filter(Boolean).join('\n').toWellFormed();
}
