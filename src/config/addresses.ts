// Kinds of addresses in the settings: listen addresses, URLs of servers and proxies.
import { type Kind, type ParseResult, text } from './kinds.ts';

const loopbackNames = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/** `HOST:PORT` (IPv6 in brackets) or `unix:/path`. */
export function listenAddress(text: string): ParseResult<string> {
  if (/^unix:\/./.test(text)) return { value: text };
  const parts = hostAndPort(text);
  if (!parts) return { why: 'HOST:PORT with a port up to 65535, or unix:/path' };
  return { value: `${parts.host}:${parts.port}` };
}

/** The parts of `HOST:PORT`, an IPv6 host with its brackets; undefined for any other text. */
function hostAndPort(text: string): { host: string; port: number } | undefined {
  const match = /^(\[[0-9a-f:.%]+\]|[^\s:[\]/]+):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[2]);
  return match && port <= 65535 ? { host: match[1]!, port } : undefined;
}

/** `listeners` with the host or port of its first `HOST:PORT` replaced, for `--host` and `--port`. */
export function withHostOrPort(
  listeners: readonly string[],
  part: { host?: string; port?: string },
): string[] {
  const at = listeners.findIndex((one) => hostAndPort(one) !== undefined);
  const old = at < 0 ? { host: '127.0.0.1', port: 8787 } : hostAndPort(listeners[at]!)!;
  const host = part.host === undefined ? old.host : bracketed(part.host);
  const changed = `${host}:${part.port ?? old.port}`;
  return at < 0 ? [changed, ...listeners] : listeners.with(at, changed);
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

/** The URL of a server that receives credentials: https, or http on loopback. Returned without trailing slash. */
export function serverUrl(text: string): ParseResult<string> {
  const url = URL.parse(text);
  if (
    !url ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username ||
    url.search ||
    url.hash
  ) {
    return { why: 'an https URL without user name, query or fragment' };
  }
  if (url.protocol === 'http:' && !loopbackNames.test(url.hostname)) {
    return {
      why: 'an https URL: plain http would send the login unencrypted and is allowed for loopback only',
    };
  }
  return { value: url.href.replace(/(?<!\/)\/+$/, '') };
}

/** A `serverUrl`. As in the Codex CLI, ChatGPT's host without a path stands for its API (docs/wire/upstream.md#codex-base-url). */
export function upstreamUrl(text: string): ParseResult<string> {
  const read = serverUrl(text);
  if ('why' in read) return read;
  return { value: read.value.replace(/^(https:\/\/(?:chatgpt|chat\.openai)\.com)$/, '$1/backend-api') };
}

/** The URL of a server that never receives the login, e.g. an Ollama in the local network. */
export function plainUrl(text: string): ParseResult<string> {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return { why: 'an http or https URL' };
  return { value: url.href.replace(/(?<!\/)\/+$/, '') };
}

export const originForm = '"*" or a web origin such as "https://app.example"';

/** An origin as browsers send it, of any scheme: extensions and desktop apps have their own. `null` is that of local files. */
export function webOrigin(text: string): ParseResult<string> {
  if (text === '*' || text === 'null') return { value: text };
  const url = /^[a-z][a-z\d+.-]*:\/\/[^/?#\s@]+\/?$/i.test(text) ? URL.parse(text) : null;
  if (url === null) return { why: originForm };
  return { value: url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin };
}

/** As Bun's client reads it, which accepts no password together with a socket. */
export function redisUrl(text: string): ParseResult<string> {
  const url = URL.parse(text);
  const isSocket = /^(redis|valkey)\+(tls\+)?unix:/.test(text);
  if (url === null || !(isSocket || /^(rediss?|valkeys?|(redis|valkey)\+tls):$/.test(url.protocol))) {
    return { why: 'a redis:// or rediss:// URL, or redis+unix:///path' };
  }
  if (isSocket && (url.username || url.password)) {
    return { why: 'a URL without a user name and password, which are supported only over TCP' };
  }
  return { value: text };
}

export function proxy(): Kind<string> {
  return { ...text('the URL of an http or https proxy', proxyUrl, 'URL'), shown: redactUserInfo };
}

/** Bun's fetch does not support SOCKS, so such a proxy is rejected here rather than at the first turn. */
function proxyUrl(text: string): ParseResult<string> {
  if (isSocks(text)) return { why: 'the URL of an http or https proxy: SOCKS proxies are not supported' };
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return { why: 'the URL of an http or https proxy' };
  }
  return { value: url.href.replace(/\/$/, '') };
}

export function isSocks(url: string): boolean {
  return /^socks/i.test(url);
}

/** A URL with its user name and password hidden. */
export function redactUserInfo(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//********@');
}
