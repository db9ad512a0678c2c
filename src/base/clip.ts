// Shortens foreign text for messages.

/** At most `length` characters, with `…` in place of the rest. A surrogate pair is one character. */
export function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  let end = 0;
  for (let count = 0; count < length && end < text.length; count++) {
    end += text.codePointAt(end)! > 0xffff ? 2 : 1;
  }
  return end < text.length ? `${text.slice(0, end)}…` : text;
}
