// Lenient JSON: engines write raw control characters, broken UTF-8, NaN and Infinity.

/** Undefined if the bytes are not JSON even after repairs. `latin1` keeps bytes as characters; see `decodeLatin1AsUtf8`. */
export function readJson(bytes: Uint8Array, encoding: 'utf8' | 'latin1' = 'utf8'): unknown {
  const text = encoding === 'utf8' ? new TextDecoder().decode(bytes) : Buffer.from(bytes).toString('latin1');
  return tryParse(text) ?? tryParse(repair(text));
}

/** Decodes UTF-8 text that was read as Latin-1. */
export function decodeLatin1AsUtf8(text: string): string {
  return new TextDecoder().decode(Buffer.from(text, 'latin1'));
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Replaces control characters by spaces, and NaN and Infinity outside of strings by null. */
function repair(text: string): string {
  return (
    text
      .replace(/[^ -\uffff]/g, ' ')
      // An unterminated string matches up to the end; otherwise every quote in it would be tried as the start of another.
      .replace(/"(?:[^"\\]|\\.)*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g, (found) =>
        found.startsWith('"') ? found : 'null',
      )
  );
}
