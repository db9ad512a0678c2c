// Half of a surrogate pair is not Unicode: the upstream refuses it, and a conversation that holds one would be refused for
// good. `JSON.stringify` writes such a half as an escape, and nothing else, so the JSON of a body can be repaired as text.

/** Every escape of JSON, two of them where they are a pair. */
const escapes = /\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^u])/g;
const half = /^\\u[dD][89a-fA-F][0-9a-fA-F]{2}$/;

/** The same JSON with U+FFFD for every half of a surrogate pair. */
export function replaceLoneSurrogates(json: string): string {
  if (!json.includes('\\ud') && !json.includes('\\uD')) return json;
  return json.replace(escapes, (each) => (half.test(each) ? '\ufffd' : each));
}
