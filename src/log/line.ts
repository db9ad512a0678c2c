// What a log line consists of, before it is formatted.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
export type LogFormat = 'json' | 'pretty';
export type LogFields = Record<string, string | number | boolean | null | undefined>;
