// Text of others inside our own messages.

/** At most `length` characters, with `…` in place of the rest. A surrogate pair is never cut in half. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}…`;
}
