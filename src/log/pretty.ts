// Formats a log line for people: the time of day, the level unless it is info, and what happened.
import type { LogFields, LogLevel } from './line.ts';

/** Colours a text, or returns it unchanged if colours are off. */
export interface Paint {
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
}

/** Renders a message in a short form, without its fields. */
export type Brief = (fields: LogFields, paint: Paint) => string;

export interface PrettyStyle {
  color: boolean;
  /** Undefined for short-lived commands, whose lines need no time. */
  time: Date | undefined;
  showDate: boolean;
  /** Whether a message with a short form also shows its fields. */
  showFields: boolean;
}

export function prettyLine(
  level: Exclude<LogLevel, 'silent'>,
  message: string,
  fields: LogFields,
  brief: Brief | undefined,
  { color, time, showDate, showFields }: PrettyStyle,
): string {
  const paint = color ? colors : plain;
  const details = brief === undefined || showFields ? fieldsText(fields) : '';
  return [
    time === undefined ? '' : paint.dim((showDate ? `${dateText(time)} ` : '') + clockText(time)),
    levelText(level, paint),
    brief === undefined ? message : brief(fields, paint),
    details === '' ? '' : paint.dim(details),
  ]
    .filter(Boolean)
    .join(' ');
}

function levelText(level: Exclude<LogLevel, 'silent'>, paint: Paint): string {
  switch (level) {
    case 'error':
      return paint.red('error:');
    case 'warn':
      return paint.yellow('warn:');
    case 'debug':
      return paint.dim('debug:');
    case 'info':
      return '';
  }
}

function fieldsText(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => {
      const isPlain = typeof value !== 'string' || !/[\s"=\p{C}]/u.test(value);
      return `${key}=${isPlain ? value : JSON.stringify(value)}`;
    })
    .join(' ');
}

const two = (part: number) => String(part).padStart(2, '0');

/** Local date: `2026-12-01`. */
function dateText(time: Date): string {
  return [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
}

/** Local time: `12:03:41`. */
function clockText(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
}

const sgr = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;
const colors: Paint = { dim: sgr(2), green: sgr(32), yellow: sgr(33), red: sgr(31) };

const unchanged = (text: string) => text;
const plain: Paint = { dim: unchanged, green: unchanged, yellow: unchanged, red: unchanged };
