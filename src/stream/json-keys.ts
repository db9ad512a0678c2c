// The keys that the text of a JSON object has, which parsing loses when one is repeated.
import { endOfString } from './exact-json.ts';

/** The keys of a valid object, in order and as often as they occur; not those of objects inside it. */
export function topLevelKeys(object: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  let isKey = false;
  for (let at = 0; at < object.length; at++) {
    const character = object[at];
    if (character === '"') {
      const end = endOfString(object, at);
      if (isKey) keys.push(JSON.parse(object.slice(at, end + 1)));
      isKey = false;
      at = end;
    } else if (character === '{' || character === '[') {
      depth += 1;
      isKey = depth === 1;
    } else if (character === '}' || character === ']') depth -= 1;
    else if (character === ',') isKey = depth === 1;
  }
  return keys;
}
