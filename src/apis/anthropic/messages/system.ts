// System prompts: the top-level field becomes `instructions`, `system` messages become developer items in place.
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import { type DroppedFields, invalid, nameAt, optionalFields, quoted } from '../check.ts';
import { type Block, blocksOf, blockText, type ContentOptions, omit, toolAvailable } from './content.ts';
import { effortAt } from './effort.ts';

/** The texts of the top-level field. */
export function systemPrompt(system: unknown, drops: DroppedFields): string[] {
  if (!isSet(system)) return [];
  return withoutBillingLine(
    blocksOf(system, 'system', drops).map((block) => {
      if (block.type === 'text') return blockText(block);
      throw notText(block);
    }),
  );
}

/** The texts of a `system` message, which may have no content. */
export function systemTexts(message: Fields, path: string, options: ContentOptions): string[] {
  if (!isSet(message.content)) return [];
  const blocks = blocksOf(message.content, `${path}.content`, options.drops);
  return withoutBillingLine(blocks.flatMap((block) => systemText(block, options)));
}

function systemText(block: Block, options: ContentOptions): string | [] {
  const { type, path } = block;
  switch (type) {
    case 'text':
      return blockText(block);
    case 'tool_reference':
    case 'tool_addition':
      return toolAvailable(toolNameOf(block.fields), path, options.names);
    case 'tool_removal':
      return `Tool no longer available: ${options.names.upstream(nameAt(toolNameOf(block.fields), path), path)}`;
    case 'image':
    case 'document':
      throw notText(block);
    default:
      return omit(block, options.drops);
  }
}

/** The name in a `tool_reference`, `tool_addition` or `tool_removal`. These are beta, and the field's name varies. */
export function toolNameOf(block: Fields): unknown {
  const tool = isObject(block.tool) ? block.tool : {};
  return block.tool_name ?? block.name ?? tool.tool_name ?? tool.name;
}

/** `output_config.effort` of a `system` message, which applies from there on. */
export function systemEffort(message: Fields, path: string): string | undefined {
  const config = optionalFields(message.output_config, `${path}.output_config`);
  return effortAt(config?.effort, `${path}.output_config.effort`);
}

/** Whether a `system` message applies only until the next user message. */
export function isEphemeral(message: Fields): boolean {
  return message.clear_at === 'next_user_message';
}

/** Removes the billing line, which changes with every first prompt and version and would defeat the prompt cache. */
function withoutBillingLine(texts: string[]): string[] {
  return texts.map((text) => text.replace(/^x-anthropic-billing-header:[^\n]*\n*/, '')).filter(Boolean);
}

function notText({ type, path }: Block) {
  return invalid(`${path}.type`, `A system prompt can only contain text, not \`${quoted(type)}\``);
}
