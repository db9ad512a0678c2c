// How names and times are shown on the terminal.

/** A file's name as the results call it. */
export function nameOf(input: string): string {
  return input === '-' ? 'stdin' : input;
}

/** Without control characters: a file may be called anything. */
export function shown(name: string): string {
  return name.replace(/\p{C}/gu, '?');
}

/** `12:05`, `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
