// Translates tools and the tool choice.
import { type Fields, isObject, isSet } from '../../../responses/fields.ts';
import type { FunctionTool, ResponsesRequest, Tool, ToolChoice } from '../../../responses/request.ts';
import { hint, type Reason } from '../../dropped.ts';
import type { ToolNames } from '../../tool-names.ts';
import {
  type DroppedFields,
  fieldsAt,
  flagAt,
  invalid,
  listAt,
  nameAt,
  optionalFields,
  optionalText,
  quoted,
} from '../check.ts';
import { clientTools } from './client-tools.ts';
import { isToolSearch, visibleTools } from './deferred.ts';

export type ToolOptions = Pick<ResponsesRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'>;

/** `loaded`: the client's names of tools that the conversation has loaded; they come last in `tools`. */
export function toolOptions(
  body: Fields,
  names: ToolNames,
  drops: DroppedFields,
): { options: ToolOptions; loaded: Set<unknown> } {
  const reader = new ToolReader(names, drops);
  const given = listAt(body.tools, 'tools').map((tool, index) => fieldsAt(tool, `tools.${index}`));
  const visible = visibleTools(given, body.messages, body.tool_choice);
  const [always, loaded] = [new Set(visible.always), new Set(visible.loaded)];
  for (const [index, tool] of given.entries()) {
    if (!loaded.has(tool)) reader.read(tool, `tools.${index}`, always.has(tool));
  }
  for (const tool of loaded) reader.read(tool, `tools.${given.indexOf(tool)}`, true);
  const choice = optionalFields(body.tool_choice, 'tool_choice') ?? { type: 'auto' };
  const tool_choice = reader.choice(choice);
  const parallel = !flagAt(choice.disable_parallel_tool_use, 'tool_choice.disable_parallel_tool_use');
  const { tools } = reader;
  // The upstream refuses the other options without `tools`.
  const options = tools.length === 0 ? {} : { tools, tool_choice, parallel_tool_calls: parallel };
  return { options, loaded: new Set([...loaded].map(({ name }) => name)) };
}

const unknownOptions: Record<string, Reason> = {
  eager_input_streaming: hint('The upstream decides when to send arguments.'),
  allowed_callers: 'The upstream has no such option.',
};

class ToolReader {
  readonly #tools = new Map<string, Tool>();

  constructor(
    private readonly names: ToolNames,
    private readonly drops: DroppedFields,
  ) {}

  /** In the client's order, so that the prompt cache still matches. */
  get tools(): Tool[] {
    return [...this.#tools.values()];
  }

  /** Also checks tools that are not visible. */
  read(given: Fields, path: string, visible: boolean): void {
    this.drops.cacheControl(given);
    if (isToolSearch(given.type)) {
      this.drops.add(`tool ${quoted(given.type)}`, hint('The model sees all tools from the start instead.'));
      return;
    }
    const tool = this.#tool(given, path);
    const name = nameAt(given.name, `${path}.name`);
    const known = this.#tools.get(name);
    if (known?.type === 'function' && tool.type === 'function') {
      throw invalid(`${path}.name`, `Tool names must be unique: ${quoted(name)}`);
    }
    // If a server tool and a tool of the client have the same name, the client's is used.
    if (visible && known?.type !== 'function') this.#tools.set(name, tool);
  }

  #tool(given: Fields, path: string): Tool {
    const { type } = given;
    if (!isSet(type) || type === 'custom') return this.#customTool(given, path);
    const published = clientTools.get(type);
    if (published !== undefined) {
      return { type: 'function', name: this.#name(given, path), ...published, strict: false };
    }
    if (typeof type === 'string' && /^web_search_\d{8}$/.test(type))
      return webSearch(given, path, this.drops);
    throw invalid(
      `${path}.type`,
      `The tool type \`${quoted(type)}\` is not supported`,
      'Use custom tools or `web_search`.',
    );
  }

  /** `strict` is always set: upstream it defaults to true, which most schemas do not satisfy. */
  #customTool(given: Fields, path: string): FunctionTool {
    const name = this.#name(given, path);
    const parameters = schemaAt(given.input_schema, `${path}.input_schema`);
    const described = optionalText(given.description, `${path}.description`);
    const strict = flagAt(given.strict, `${path}.strict`);
    for (const [key, reason] of Object.entries(unknownOptions)) {
      if (isSet(given[key])) this.drops.add(`tools.${key}`, reason);
    }
    const description = [described, examples(given.input_examples)].filter(Boolean).join('\n\n');
    return { type: 'function', name, description: description.toWellFormed(), strict, parameters };
  }

  #name({ name }: Fields, path: string): string {
    return this.names.upstream(nameAt(name, `${path}.name`), `${path}.name`);
  }

  choice(choice: Fields): ToolChoice {
    switch (choice.type) {
      case 'auto':
      case 'none':
        return choice.type;
      case 'any':
        if (this.#tools.size > 0) return 'required';
        throw invalid('tool_choice', '`any` requires `tools`');
      case 'tool':
        return this.#named(nameAt(choice.name, 'tool_choice.name'));
      default:
        throw invalid(
          'tool_choice.type',
          `Input should be \`auto\`, \`any\`, \`tool\` or \`none\`, not \`${quoted(choice.type)}\``,
        );
    }
  }

  #named(name: string): ToolChoice {
    const tool = this.#tools.get(name);
    if (tool === undefined)
      throw invalid('tool_choice.name', `\`tools\` does not contain \`${quoted(name)}\``);
    return tool.type === 'function' ? { type: 'function', name: tool.name } : { type: tool.type };
  }
}

function schemaAt(value: unknown, path: string): Fields {
  const schema = fieldsAt(value, path);
  const { type } = schema;
  const isObjectType = !isSet(type) || type === 'object' || (Array.isArray(type) && type.includes('object'));
  if (isObjectType) return schema;
  throw invalid(`${path}.type`, 'Input should be `object`');
}

function examples(value: unknown): string {
  if (!Array.isArray(value) || value.length === 0) return '';
  return `Examples of input:\n${value.map((example) => JSON.stringify(example)).join('\n')}`;
}

function webSearch(given: Fields, path: string, drops: DroppedFields): Tool {
  for (const key of ['blocked_domains', 'max_uses', 'response_inclusion']) {
    if (isSet(given[key])) drops.add(`web_search.${key}`, "The upstream's search has no such option.");
  }
  const domains = listAt(given.allowed_domains, `${path}.allowed_domains`);
  return {
    type: 'web_search',
    ...(domains.length === 0 ? {} : { filters: { allowed_domains: domains } }),
    ...(isObject(given.user_location) ? { user_location: location(given.user_location) } : {}),
  };
}

function location(given: Fields): Fields {
  const known = ['city', 'region', 'country', 'timezone'].filter((key) => isSet(given[key]));
  return { type: 'approximate', ...Object.fromEntries(known.map((key) => [key, given[key]])) };
}
