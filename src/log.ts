// Levels, fields and redaction. Everything goes to one sink (stderr in life); a login, a key or a prompt never does.

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
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** What tokens look like: JWTs, ChatGPT refresh tokens, personal access tokens, API keys, and anything behind "Bearer". */
const secretPatterns = [
  /\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}/g,
  /\b(?:rt\.\d\.|rt_|at-|ois1\.|sk-|cdx_|ac_)[A-Za-z0-9._-]{8,}/g,
  /\b(Bearer)\s+[^\s"',;]+/gi,
  // Whose account it is: ids and e-mail addresses (openai-api.md F.2).
  /\b(?:user|org)-[A-Za-z0-9]{8,}\b/g,
  /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
];

/** `text` with everything that looks like a credential replaced by `[redacted]`. */
export function redact(text: string): string {
  let out = text;
  for (const pattern of secretPatterns) {
    out = out.replace(pattern, (_, word: unknown) =>
      typeof word === 'string' ? `${word} [redacted]` : '[redacted]',
    );
  }
  return out;
}

export interface LogOptions {
  level: LogLevel;
  format: LogFormat;
  write: (line: string) => void;
  now?: () => Date;
}

export function createLog(options: LogOptions, bound: LogFields = {}): Log {
  const now = options.now ?? (() => new Date());
  const emit = (level: Exclude<LogLevel, 'silent'>, message: string, fields: LogFields = {}) => {
    if (rank[level] < rank[options.level]) return;
    const all = { ...bound, ...fields };
    const line =
      options.format === 'json' ? jsonLine(now(), level, message, all) : prettyLine(level, message, all);
    options.write(`${redact(line)}\n`);
  };
  return {
    debug: (message, fields) => emit('debug', message, fields),
    info: (message, fields) => emit('info', message, fields),
    warn: (message, fields) => emit('warn', message, fields),
    error: (message, fields) => emit('error', message, fields),
    with: (fields) => createLog(options, { ...bound, ...fields }),
  };
}

export const silentLog: Log = createLog({ level: 'silent', format: 'json', write: () => {} });

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
