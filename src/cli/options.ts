// The options of a command: those every command has, the flags of its configuration sections, and its own.
import { namedKeys, type SectionName } from '../config/schema.ts';
import type { Arg, Command } from './command.ts';

export interface Option {
  name: string;
  /** Whose it is: read in front of every command, by the configuration, or by the command itself. */
  owner: 'common' | 'config' | 'own';
  form: 'text' | 'toggle' | 'list';
  short?: string;
  /** Stands for the value in help; empty for toggles. */
  hint: string;
  help: string;
  /** The only values there are. */
  choices?: readonly string[];
  negatable?: true;
}

const common = (name: string, form: Option['form'], hint: string, help: string, short?: string): Option => ({
  name,
  owner: 'common',
  form,
  hint,
  help,
  ...(short === undefined ? {} : { short }),
});

export const commonOptions: readonly Option[] = [
  common('profile', 'text', 'NAME', 'Another login and settings of their own.'),
  common('config', 'text', 'FILE', 'Another configuration file.'),
  common('json', 'toggle', '', 'Facts and errors as JSON.'),
  common('help', 'toggle', '', 'This text.', 'h'),
];

/** By name. A command's own option hides one of the configuration with the same name. */
export function optionsOf(command: Command): Map<string, Option> {
  const sections: readonly SectionName[] = [...command.sections, 'log'];
  const all = [...commonOptions, ...configOptions(sections), ...ownOptions(command.args)];
  return new Map(all.map((option) => [option.name, option]));
}

export function configOptions(sections: readonly SectionName[]): Option[] {
  const options: Option[] = [];
  for (const { section, key } of namedKeys) {
    if (!sections.includes(section)) continue;
    const { flagForm: form, hint } = key.kind;
    if (key.flag !== undefined) {
      const help = `${key.help}${shownDefault(key.default)}`;
      options.push({
        name: key.flag,
        owner: 'config',
        form,
        hint,
        help,
        ...(form === 'toggle' ? { negatable: true } : {}),
      });
    }
    for (const part of key.parts) {
      options.push({
        name: part.flag,
        owner: 'config',
        form: 'text',
        hint: part.flag.toUpperCase(),
        help: part.help,
      });
    }
  }
  return options;
}

function shownDefault(value: unknown): string {
  if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return '';
  return ` [${Array.isArray(value) ? value.join(',') : value}]`;
}

function ownOptions(args: Readonly<Record<string, Arg>>): Option[] {
  return Object.entries(args).flatMap(([name, arg]) => {
    if (arg.type === 'positional') return [];
    const toggle = arg.type === 'boolean' || arg.type === undefined;
    // An argument whose whole name is a letter is written `-m`.
    const short = [name, ('alias' in arg && arg.alias) || []].flat().find((word) => word.length === 1);
    const choices = arg.type === 'enum' ? arg.options : undefined;
    return {
      name,
      owner: 'own' as const,
      form: toggle ? ('toggle' as const) : arg.multiple ? ('list' as const) : ('text' as const),
      hint: toggle ? '' : (arg.valueHint ?? choices?.join('|') ?? 'TEXT'),
      help: arg.description ?? '',
      ...(short === undefined ? {} : { short }),
      ...(choices === undefined ? {} : { choices }),
      ...(toggle ? { negatable: true as const } : {}),
    };
  });
}

export interface Positional {
  name: string;
  required: boolean;
  multiple: boolean;
  help: string;
}

export function positionalsOf(command: Command): Positional[] {
  return Object.entries(command.args)
    .filter(([, arg]) => arg.type === 'positional')
    .map(([name, arg]) => ({
      name: name.toUpperCase(),
      required: arg.required !== false && arg.default === undefined,
      multiple: arg.multiple === true,
      help: arg.description ?? '',
    }));
}
