// Base64 from MIME, PEM and URL-safe encoders, with line breaks, blanks, or `-` and `_`, all of which the upstream
// refuses.

const odd = ['\n', '\r', ' ', '\t', '-', '_'];

/** The URL with its base64 on one line and in the standard alphabet. */
export function normalizeDataUrl(url: string): string {
  if (!/^data:/i.test(url)) return url;
  const comma = url.indexOf(',');
  if (!/;\s*base64$/i.test(url.slice(0, comma))) return url;
  const start = comma + 1;
  // The data may be megabytes: `includes` is fast, a regular expression is not.
  if (!odd.some((character) => url.includes(character, start))) return url;
  const head = url.slice(0, start).replace(/\s+/g, '');
  return head + url.slice(start).replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/');
}
