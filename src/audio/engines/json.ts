// JSON as engines write it: raw control characters, broken UTF-8, NaN and Infinity.

/** The value, or undefined where even a lenient reader finds none. `latin1` keeps the bytes; see `fromLatin1`. */
export function readJson(bytes: Uint8Array, encoding: 'utf8' | 'latin1' = 'utf8'): unknown {
  const text = encoding === 'utf8' ? new TextDecoder().decode(bytes) : Buffer.from(bytes).toString('latin1');
  return parsed(text) ?? parsed(mended(text));
}

/** Text whose bytes were taken for characters, as what it is. */
export function fromLatin1(text: string): string {
  return new TextDecoder().decode(Buffer.from(text, 'latin1'));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Control characters become spaces, which changes nothing outside strings; words that are no JSON become null there. */
function mended(text: string): string {
  return (
    text
      .replace(/[^ -\uffff]/g, ' ')
      // A string that does not end takes the rest along, or every quote in it would be tried as the beginning of another.
      .replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g, (found) =>
        found.startsWith('"') ? found : 'null',
      )
  );
}
