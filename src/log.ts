// Logging: levels, fields and redaction. All lines go to one sink, usually stderr. Logins, keys and prompts are never logged.
import type { LogFields, LogFormat, LogLevel } from './log/line.ts';
import { type Brief, prettyLine } from './log/pretty.ts';
import { type Redact, redact as redactShapes } from './log/redact.ts';

export interface Log {
  debug(message: string, fields?: LogFields): void;
  /** `brief` renders the line for people, who see its fields only at level debug. */
  info(message: string, fields?: LogFields, brief?: Brief): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with these fields on every line. */
  with(fields: LogFields): Log;
  /** The redaction applied to every text, for texts that go elsewhere. */
  redact: Redact;
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

export interface LogOptions {
  level: LogLevel;
  format: LogFormat;
  write: (line: string) => void;
  now?: () => Date;
  /** Whether pretty lines begin with the time of day. */
  showTime?: boolean;
  /** Whether the date precedes the time of day, as in a file that covers several days. */
  showDate?: boolean;
  /** Whether pretty lines have colours. */
  color?: boolean;
  /** Defaults to redaction by shape alone. */
  redact?: Redact;
}

export function createLog(options: LogOptions, bound: LogFields = {}): Log {
  const { now = () => new Date(), redact = redactShapes } = options;
  const style = () => ({
    color: options.color === true,
    time: options.showTime ? now() : undefined,
    showDate: options.showDate === true,
    showFields: options.level === 'debug',
  });
  const emit = (
    level: Exclude<LogLevel, 'silent'>,
    message: string,
    fields: LogFields = {},
    brief?: Brief,
  ) => {
    if (rank[level] < rank[options.level]) return;
    const all = redactFields({ ...bound, ...fields }, redact);
    const text = redact(message);
    const line =
      options.format === 'json'
        ? jsonLine(now(), level, text, all)
        : prettyLine(level, text, all, brief, style());
    options.write(`${line}\n`);
  };
  return {
    debug: (message, fields) => emit('debug', message, fields),
    info: (message, fields, brief) => emit('info', message, fields, brief),
    warn: (message, fields) => emit('warn', message, fields),
    error: (message, fields) => emit('error', message, fields),
    with: (fields) => createLog(options, { ...bound, ...fields }),
    redact,
  };
}

export const silentLog: Log = createLog({ level: 'silent', format: 'json', write: () => {} });

/** Redacts each field by itself: in a line of JSON, a match might include a backslash or quote of the encoding. */
function redactFields(fields: LogFields, redact: Redact): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? redact(value) : value]),
  );
}

function jsonLine(time: Date, level: string, message: string, fields: LogFields): string {
  return JSON.stringify({ time: time.toISOString(), level, message, ...fields });
}
