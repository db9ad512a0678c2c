// The value of `--since`: a number of hours, days or weeks, or a date.
import { dayFormat } from '../ledger/query.ts';
import { invalidValue } from './arguments.ts';

/** The start of the period, in ms since 1970. `7d` are today and the six days before, in the machine's time zone. */
export function parseSince(text: string, nowMs: number): number {
  const [, amount, unit] = /^(\d{1,5})(h|d|w)$/.exec(text) ?? [];
  if (unit === 'h') return nowMs - Number(amount) * 3_600_000;
  const start = unit === undefined ? startOfDate(text) : startOfDay(nowMs, daysOf(Number(amount), unit));
  if (start === undefined || Number.isNaN(start)) {
    throw invalidValue(
      '--since',
      text,
      'Use hours, days or weeks (`12h`, `7d`, `4w`) or a date (`2026-11-01`).',
    );
  }
  return start;
}

function daysOf(amount: number, unit: string): number {
  return unit === 'w' ? amount * 7 : amount;
}

function startOfDay(nowMs: number, days: number): number {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - Math.max(0, days - 1)).getTime();
}

function startOfDate(text: string): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  if (day === undefined) return undefined;
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  // JavaScript reads 02-30 as the first days of March.
  return date.getMonth() === Number(month) - 1 ? date.getTime() : undefined;
}

/** Every day from a date (`2026-12-01`) to the day of `untilMs`. */
export function daysSince(first: string, untilMs: number): string[] {
  const dayOf = dayFormat(undefined);
  const last = dayOf(untilMs);
  const days = [first];
  for (let day = first; day < last; days.push(day)) {
    const [year, month, date] = day.split('-').map(Number) as [number, number, number];
    day = dayOf(new Date(year, month - 1, date + 1, 12).getTime());
  }
  return days;
}
