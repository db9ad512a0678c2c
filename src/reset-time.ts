// Formats the time at which a limit resets, for people: `12:12 (in 38 min)`, in local time.

export interface Clock {
  nowMs: number;
  /** Defaults to that of this machine. */
  timeZone?: string;
}

/** `12:12 (in 38 min)`, or `2026-12-04 12:12 (in 2 d 21 h)` if it is not today. */
export function resetTimeText(atMs: number, { nowMs, timeZone }: Clock): string {
  const [day, time] = dayAndTime(atMs, timeZone);
  const [today] = dayAndTime(nowMs, timeZone);
  const when = day === today ? time : `${day} ${time}`;
  return `${when} (in ${spanText(Math.max(0, atMs - nowMs))})`;
}

/** The two largest units: `9 d 3 h`, `2 h 10 min`, `45 min`, `30 s`. */
export function spanText(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  if (hours < 1) return `${minutes} min`;
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Swedish writes dates the way ISO 8601 does. */
function dayAndTime(ms: number, timeZone: string | undefined): [day: string, time: string] {
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short', timeZone });
  const [day = '', time = ''] = format.format(ms).split(' ');
  return [day, time];
}
