// Half of a surrogate pair is not valid Unicode. The upstream refuses it, so a conversation that contains one would be refused
// from then on. `JSON.stringify` writes exactly these halves as `\ud…` escapes, so a body's JSON can be repaired as text.

/** Any JSON escape; the two escapes of a surrogate pair together. */
const escapes = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^u])/g;
const half = /^\\u[dD][89a-fA-F][0-9a-fA-F]{2}$/;

/** Replaces every half of a surrogate pair by U+FFFD. */
export function replaceLoneSurrogates(json: string): string {
  if (!json.includes('\\ud') && !json.includes('\\uD')) return json;
  return json.replace(escapes, (each) => (half.test(each) ? '\ufffd' : each));
}
