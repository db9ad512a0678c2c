// Steps, notes and warnings on stderr. consola provides the kinds and levels; this file decides how they look. Not loaded
// by `--version` or `--help`.
import { type ConsolaInstance, createConsola, type LogType } from 'consola/core';
import type { Output } from './terminal.ts';
import { lineWidth, paragraph } from './wrap.ts';

export type Messages = Pick<ConsolaInstance, 'info' | 'warn' | 'success' | 'start'>;

/** On a terminal every message has a mark; in a file or a pipe it is plain text. */
const marks: Partial<Record<LogType, readonly [mark: string, color: number]>> = {
  info: ['ℹ', 36],
  warn: ['⚠', 33],
  success: ['✔', 32],
  start: ['◐', 35],
};

export function createMessages(stderr: Output): Messages {
  return createConsola({
    throttle: 0,
    reporters: [{ log: ({ type, args }) => stderr.write(messageText(type, args.join(' '), stderr)) }],
  });
}

function messageText(type: LogType, text: string, stderr: Output): string {
  const [mark, color] = (stderr.isTty && marks[type]) || [];
  const body = paragraph(text, lineWidth(stderr) - (mark === undefined ? 0 : 2), '');
  if (mark === undefined) return body;
  const shown = stderr.color ? `\x1b[${color}m${mark}\x1b[0m` : mark;
  return `${shown} ${body.trimEnd().replaceAll('\n', '\n  ')}\n`;
}
