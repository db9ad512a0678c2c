// Levels, fields and redaction. Everything goes to one sink (stderr in life); a login, a key or a prompt never does.
import { type Redact, redact as redactShapes } from './log/redact.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFormat = 'json' | 'pretty';
export type LogFields = Record<string, string | number | boolean | null | undefined>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with these fields on every line. */
  with(fields: LogFields): Log;
  /** What it does to every text it is given: for texts that go elsewhere. */
  redact: Redact;
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

export interface LogOptions {
  level: LogLevel;
  format: LogFormat;
  write: (line: string) => void;
  now?: () => Date;
  /** Default: by shape alone. */
  redact?: Redact;
}

export function createLog(options: LogOptions, bound: LogFields = {}): Log {
  const { now = () => new Date(), redact = redactShapes } = options;
  const emit = (level: Exclude<LogLevel, 'silent'>, message: string, fields: LogFields = {}) => {
    if (rank[level] < rank[options.level]) return;
    const all = redactFields({ ...bound, ...fields }, redact);
    const said = redact(message);
    const line = options.format === 'json' ? jsonLine(now(), level, said, all) : prettyLine(level, said, all);
    options.write(`${line}\n`);
  };
  return {
    debug: (message, fields) => emit('debug', message, fields),
    info: (message, fields) => emit('info', message, fields),
    warn: (message, fields) => emit('warn', message, fields),
    error: (message, fields) => emit('error', message, fields),
    with: (fields) => createLog(options, { ...bound, ...fields }),
    redact,
  };
}

export const silentLog: Log = createLog({ level: 'silent', format: 'json', write: () => {} });

/** Field by field: replacing in a line of JSON may take a backslash or a quote along. */
function redactFields(fields: LogFields, redact: Redact): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  );
}

function jsonLine(time: Date, level: string, message: string, fields: LogFields): string {
  return JSON.stringify({ time: time.toISOString(), level, message, ...fields });
}

function prettyLine(level: string, message: string, fields: LogFields): string {
  const words = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${key}=${typeof value === 'string' && /[\s"=]/.test(value) ? JSON.stringify(value) : value}`,
    );
  return [level === 'info' ? '' : `${level}:`, message, ...words].filter(Boolean).join(' ');
}
