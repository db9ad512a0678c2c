// The options of a command: the ones every command accepts, the flags of its configuration sections, and its own.
import { namedKeys, type SectionName } from '../config/schema.ts';
import type { Arg, Command, SettingsOf } from './command.ts';
import { noBreak } from './wrap.ts';

export interface Option {
  name: string;
  /** Who reads it: every command, the configuration, or this command alone. */
  owner: 'common' | 'config' | 'own';
  /** It means the same for every command that accepts it, so help describes it in one place. */
  isGlobal?: true;
  form: 'text' | 'toggle' | 'list';
  short?: string;
  /** The placeholder for the value in help; empty for toggles. */
  hint: string;
  help: string;
  /** The allowed values, if limited. */
  choices?: readonly string[];
  /** The values that completions offer. */
  values?: readonly string[];
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
  common('json', 'toggle', '', 'Print results and errors as JSON.'),
  common('help', 'toggle', '', 'Show this help.', 'h'),
  { ...common('profile', 'text', 'NAME', 'Use a profile with its own login and settings.'), isGlobal: true },
  { ...common('config', 'text', 'FILE', 'Use another configuration file.'), isGlobal: true },
];

/** The login, the connection to the upstream, and the log mean the same for every command. */
const globalSections: readonly SectionName[] = ['auth', 'upstream', 'log'];

/** The options for any command: profile, configuration file, and the flags of `globalSections`. */
export const globalOptions = (): Option[] => [
  ...commonOptions.filter(({ isGlobal }) => isGlobal),
  ...configOptions([...globalSections]),
];

/** By name. A command's own option hides a configuration flag of the same name. */
export function optionsOf(command: Command): Map<string, Option> {
  const all = [...commonOptions, ...configOptions([...command.settings, 'log']), ...ownOptions(command.args)];
  return new Map(all.map((option) => [option.name, option]));
}

export function configOptions(settings: readonly SettingsOf[]): Option[] {
  const options: Option[] = [];
  for (const { path, section, key } of namedKeys) {
    if (!settings.includes(section) && !settings.includes(path as SettingsOf)) continue;
    const { flagForm: form, hint, choices } = key.kind;
    const scope = globalSections.includes(section) ? { isGlobal: true as const } : {};
    if (key.flag !== undefined) {
      const help = `${key.help}${defaultText(key.default)}`;
      const negatable = form === 'toggle' ? { negatable: true as const } : {};
      const values = choices === undefined ? {} : { values: choices };
      options.push({ name: key.flag, owner: 'config', form, hint, help, ...values, ...negatable, ...scope });
    }
    for (const { flag, short, help } of key.parts) {
      const hint = flag.toUpperCase();
      const letter = short === undefined ? {} : { short };
      options.push({ name: flag, owner: 'config', form: 'text', hint, help, ...letter, ...scope });
    }
  }
  return options;
}

function defaultText(value: unknown): string {
  if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return '';
  return ` (default${noBreak}${Array.isArray(value) ? value.join(',') : value})`;
}

function ownOptions(args: Readonly<Record<string, Arg>>): Option[] {
  return Object.entries(args).flatMap(([name, arg]) => {
    if (arg.type === 'positional') return [];
    const toggle = arg.type === 'boolean' || arg.type === undefined;
    // An argument with a one-letter name is written `-m`.
    const short = [name, ('alias' in arg && arg.alias) || []].flat().find((word) => word.length === 1);
    const choices = arg.type === 'enum' ? arg.options : undefined;
    return {
      name,
      owner: 'own' as const,
      form: toggle ? ('toggle' as const) : arg.multiple ? ('list' as const) : ('text' as const),
      hint: toggle ? '' : (arg.valueHint ?? choices?.join('|') ?? 'TEXT'),
      help: arg.description ?? '',
      ...(short === undefined ? {} : { short }),
      ...(choices === undefined ? {} : { choices, values: choices }),
      ...(toggle ? { negatable: true as const } : {}),
    };
  });
}

export interface Positional {
  name: string;
  required: boolean;
  multiple: boolean;
  isSentence: boolean;
  isPassedOn: boolean;
  help: string;
  /** The values that completions offer. */
  values?: readonly string[];
}

export function positionalsOf(command: Command): Positional[] {
  return Object.entries(command.args)
    .filter(([, arg]) => arg.type === 'positional')
    .map(([name, arg]) => ({
      name: name.toUpperCase(),
      required: arg.required !== false && arg.default === undefined,
      multiple: arg.multiple === true,
      isSentence: arg.isSentence === true,
      isPassedOn: arg.isPassedOn === true,
      help: arg.description ?? '',
      ...(arg.values === undefined ? {} : { values: arg.values }),
    }));
}
