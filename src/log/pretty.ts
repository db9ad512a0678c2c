// A log line as a person reads it: the time of day, the level unless it is the usual one, and what happened.
import type { LogFields, LogLevel } from '../log.ts';

/** Colours where there may be some, else the text unchanged. */
export interface Paint {
  dim(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
}

/** The line without its fields, for messages that have a short form. */
export type Brief = (fields: LogFields, paint: Paint) => string;

export interface PrettyStyle {
  color: boolean;
  /** Undefined where a time only takes room: a command that is done in a second. */
  time: Date | undefined;
  /** Whether a message with a short form has its fields too. */
  isDetailed: boolean;
}

export function prettyLine(
  level: Exclude<LogLevel, 'silent'>,
  message: string,
  fields: LogFields,
  brief: Brief | undefined,
  { color, time, isDetailed }: PrettyStyle,
): string {
  const paint = color ? colors : plain;
  const details = brief === undefined || isDetailed ? fieldsText(fields) : '';
  return [
    time === undefined ? '' : paint.dim(clockText(time)),
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

/** Local: `12:03:41`. */
function clockText(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
}

const sgr = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;
const colors: Paint = { dim: sgr(2), green: sgr(32), yellow: sgr(33), red: sgr(31) };

const same = (text: string) => text;
const plain: Paint = { dim: same, green: same, yellow: same, red: same };
