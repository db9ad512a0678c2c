// Adapts Node's `fetch` to behave like Bun's (docs/bun.md#fetch): the code of a failed connection is on the error
// itself, and bodies with `content-encoding` are decoded only once.
import * as zlib from 'node:zlib';
import type { Config } from '../../config/schema.ts';
import { Failure } from '../../failure.ts';
import type { Fetch } from '../../upstream/transport.ts';

/** The settings without request compression, which Node supports from 22.15 on. */
export function forNode(config: Config): Config {
  if (process.versions.bun !== undefined || 'zstdCompress' in zlib) return config;
  return { ...config, upstream: { ...config.upstream, compression: 'none' } };
}

/**
 * The caller's own `fetch` or Node's, adapted. On Bun, which needs no adapter, the caller's or none. Throws for settings that
 * Node's does not support.
 */
export function chooseFetch({ upstream, transcription }: Config, own: Fetch | undefined): Fetch | undefined {
  if (process.versions.bun !== undefined) return own;
  if (own !== undefined) return adaptFetch(own);
  const unsupported = {
    'upstream.proxy': upstream.proxy,
    'upstream.ca_file': upstream.caFile,
    'transcription.transport': transcription.transport === 'curl' ? 'curl' : undefined,
  };
  const name = Object.entries(unsupported).find(([, value]) => value !== undefined)?.[0];
  if (name !== undefined) {
    throw new Failure('invalid_request', `\`${name}\` is not supported on Node.`, {
      code: 'invalid_config',
      param: name,
      advice: 'Pass a `fetch` that applies it, or set NODE_EXTRA_CA_CERTS or run the program with Bun.',
    });
  }
  return adaptFetch(globalThis.fetch);
}

/** Node's own `fetch` decodes gzip, deflate and brotli, but not zstd, and keeps the content-encoding header. */
export function adaptFetch(fetch: Fetch): Fetch {
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    headers.delete('accept-encoding');
    const upload = init?.body instanceof ReadableStream ? { duplex: 'half' } : {};
    const response = await fetch(url, { ...init, headers, ...upload } as RequestInit).catch((thrown) => {
      throw withCode(thrown);
    });
    if (!response.headers.has('content-encoding')) return response;
    const plain = new Headers(response.headers);
    plain.delete('content-encoding');
    plain.delete('content-length');
    const { status, statusText, body } = response;
    return new Response(body, { status, statusText, headers: plain });
  };
}

/** Node throws `TypeError: fetch failed` with the system's error as its cause. */
function withCode(thrown: unknown): unknown {
  const cause = thrown instanceof TypeError ? thrown.cause : undefined;
  return cause instanceof Error && 'code' in cause
    ? Object.assign(thrown as TypeError, { code: cause.code })
    : thrown;
}
