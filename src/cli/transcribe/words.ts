// Names and times for the terminal.

/** The name of an input in results. */
export function nameOf(input: string): string {
  return input === '-' ? 'stdin' : input;
}

/** Replaces control characters, which file names may contain. */
export function printableName(name: string): string {
  return name.replace(/\p{C}/gu, '?');
}

/** `12:05`, `1:02:05`. */
export function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
