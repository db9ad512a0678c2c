// The access log line for people: `200  72ms  chat  gpt-5.5  22→56 tok  curl`.

import type { LogFields } from '../../log/line.ts';
import type { Brief, Paint } from '../../log/pretty.ts';

export const accessBrief: Brief = (fields, paint) => {
  const { status, totalMs, code, failure, audioSeconds, client, agent } = fields;
  const parts = [
    `${statusText(Number(status), paint)} ${durationText(Number(totalMs)).padStart(6)}`,
    printable(routeText(String(fields.method), String(fields.path ?? ''))),
    printable(fields.modelUsed ?? fields.model),
    tokensText(fields),
    audioSeconds === undefined ? undefined : `${audioSeconds} s audio`,
    printable(clientText(client, agent)),
    failure === undefined ? undefined : paint.red(printable(code ?? failure) ?? ''),
  ];
  return parts.filter((part) => part !== undefined && part !== '').join('  ');
};

const longestPart = 40;

/** Text from clients may be long and contain control characters. */
function printable(value: LogFields[string]): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = String(value).replace(/\p{C}/gu, '?');
  return text.length > longestPart ? `${text.slice(0, longestPart - 1)}…` : text;
}

function statusText(status: number, paint: Paint): string {
  if (status >= 500) return paint.red(String(status));
  return status >= 400 ? paint.yellow(String(status)) : paint.green(String(status));
}

/** `72ms`, `4.2s`, `3m05s`. */
function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}m${String(whole % 60).padStart(2, '0')}s`;
}

/** Short names of common routes. */
const names: Readonly<Record<string, string>> = {
  '/chat/completions': 'chat',
  '/responses': 'responses',
  '/completions': 'completions',
  '/messages': 'messages',
  '/messages/count_tokens': 'count',
  '/audio/transcriptions': 'transcribe',
  '/audio/translations': 'translate',
  '/images/generations': 'image',
  '/images/edits': 'image edit',
  '/api/chat': 'ollama chat',
  '/api/generate': 'ollama generate',
};

function routeText(method: string, path: string): string {
  const name = method === 'POST' ? names[path.replace(/^\/v1(?=\/)/, '')] : undefined;
  return name ?? `${method} ${path}`;
}

function tokensText({ inputTokens, outputTokens }: LogFields): string | undefined {
  return inputTokens === undefined ? undefined : `${inputTokens}→${outputTokens ?? 0} tok`;
}

/** The key's name and the program, without its version: `phone curl`. */
function clientText(client: LogFields[string], agent: LogFields[string]): string {
  const program = typeof agent === 'string' ? agent.split('/')[0] : undefined;
  return [client === 'anonymous' ? undefined : client, program].filter(Boolean).join(' ');
}
