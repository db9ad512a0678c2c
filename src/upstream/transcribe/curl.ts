// Uploads recordings with the system's curl, for networks where `fetch` meets a Cloudflare challenge. Everything is passed on
// stdin, because other users can see a process's arguments and environment.
import { onAbort } from '../../base/abort.ts';
import { Failure } from '../../failure.ts';
import { childEnvironment } from '../../system/child-environment.ts';
import { isLoopback } from '../transport.ts';
import { untrustedCertificateAdvice } from '../unreachable.ts';
import type { Post, PostRequest } from './post.ts';

export interface CurlOptions {
  proxy: string | undefined;
  /** PEM file that replaces curl's default certificate authorities. */
  caFile: string | undefined;
  /** 0 for no limit. */
  connectTimeoutMs: number;
  /** For finding curl and its proxies. curl receives only the network variables: the rest may contain a login. */
  env: Readonly<Record<string, string | undefined>>;
}

const responseLimitBytes = 5 * 1024 * 1024;

export function curlPost(options: CurlOptions): Post {
  const env = childEnvironment(options.env, ['network']);
  // Windows calls it `Path`.
  const [, path = ''] = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH') ?? [];
  return async (request) => {
    const command = Bun.which('curl', { PATH: path });
    if (command === null) {
      throw new Failure('unavailable', 'curl is not installed.', {
        retry: false,
        advice: 'Install curl, or set `transcription.transport = "fetch"`.',
      });
    }
    request.signal.throwIfAborted();
    const child = Bun.spawn([command, '--disable', '--config', '-'], {
      stdin: new TextEncoder().encode(curlConfig(request, options)),
      stdout: 'pipe',
      stderr: 'ignore',
      env,
    });
    const kill = () => child.kill('SIGKILL');
    const stopListening = onAbort(request.signal, kill);
    try {
      const output = await readLimited(child.stdout);
      const exitCode = await child.exited;
      request.signal.throwIfAborted();
      if (exitCode !== 0) throw failureOf(exitCode);
      return responseOf(output);
    } finally {
      kill();
      await child.exited;
      stopListening();
    }
  };
}

/** The configuration for curl's stdin, an option per line (curl(1), `--config`). */
export function curlConfig(
  { url, headers, upload, timeoutMs }: PostRequest,
  { proxy, caFile, connectTimeoutMs }: Omit<CurlOptions, 'env'>,
): string {
  const { path, filename, type, language } = upload;
  const lines: [option: string, value: string | true | undefined][] = [
    ['url', url],
    ['globoff', true],
    ['proto', '=http,https'],
    ['http1.1', true],
    ['silent', true],
    ['include', true],
    ['suppress-connect-headers', true],
    // The caller's signal stops curl in time; this limit is for a curl whose caller has died.
    ['max-time', String(Math.ceil(timeoutMs / 1000) + 5)],
    ['connect-timeout', connectTimeoutMs > 0 ? String(connectTimeoutMs / 1000) : undefined],
    ['noproxy', isLoopback(new URL(url).hostname) ? '*' : undefined],
    ['proxy', proxy],
    ['cacert', caFile],
    // `Headers` rejects values that would inject another header.
    ...[...new Headers(headers)].map(([name, value]): [string, string] => ['header', `${name}: ${value}`]),
    // Otherwise curl waits for a 100 response before it sends the body.
    ['header', 'expect:'],
    ['form', `file=@${quoted(path)};filename=${quoted(filename)};type=${type}`],
    ['form-string', language === undefined ? undefined : `language=${language}`],
  ];
  return lines
    .flatMap(([option, value]) => {
      if (value === undefined) return [];
      return value === true ? `${option}\n` : `${option} = ${escapeControls(quoted(value))}\n`;
    })
    .join('');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };

function escapeControls(text: string): string {
  return text.replace(/[\n\r\t\v]/g, (character) => escapes[character] ?? '');
}

async function readLimited(stdout: ReadableStream<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdout) {
    bytes += chunk.byteLength;
    if (bytes > responseLimitBytes) throw invalidResponse();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Parses raw HTTP output of curl, skipping 1xx responses. */
function responseOf(output: Buffer): Response {
  for (let rest = output; ; ) {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...fields] = rest.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(first)?.[1]);
    rest = rest.subarray(end + 4);
    if (status >= 100 && status < 200) continue;
    if (!(status >= 200 && status <= 599)) throw invalidResponse();
    const headers = new Headers();
    for (const field of fields) {
      const [, name, value] = /^([\w-]+):[ \t]*(.*)$/.exec(field) ?? [];
      if (name !== undefined && value !== undefined) headers.append(name, value);
    }
    return new Response(rest.length === 0 ? null : rest, { status, headers });
  }
}

function invalidResponse(): Failure {
  return new Failure('upstream_broke', 'The response to a recording is not valid HTTP.', {
    code: 'invalid_answer',
    retry: false,
  });
}

/** The failure for an exit code of curl (curl(1), EXIT CODES). Unknown codes count as a network failure. */
function failureOf(exitCode: number): Failure {
  if (exitCode === 26) {
    return new Failure('invalid_request', 'Cannot read the recording.', { param: 'file' });
  }
  const distrusted = [51, 58, 60, 77, 83, 90, 91].includes(exitCode);
  return new Failure('upstream_unreachable', `Could not reach the upstream (curl exit code ${exitCode}).`, {
    code: 'upstream_unavailable',
    ...(distrusted ? { retry: false, advice: untrustedCertificateAdvice } : {}),
  });
}
