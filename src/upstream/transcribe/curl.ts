// The system's curl as the way out for recordings, for networks where the other one is challenged.
// Everything goes in over stdin: arguments and environment of a process are for everybody on the machine to read.
import { Failure } from '../../failure.ts';
import { childEnvironment } from '../../system/child-environment.ts';
import { isLoopback } from '../transport.ts';
import { untrustedCertificateAdvice } from '../unreachable.ts';
import type { Post, PostRequest } from './post.ts';

export interface CurlOptions {
  proxy: string | undefined;
  /** PEM file; curl takes it in place of its usual file of authorities. */
  caFile: string | undefined;
  /** 0 is no limit. */
  connectTimeoutMs: number;
  /** Where curl is looked for and finds proxies. It gets only what it needs: a login may be in there. */
  env: Readonly<Record<string, string | undefined>>;
}

const answerLimitBytes = 5 * 1024 * 1024;

export function curlPost(options: CurlOptions): Post {
  const env = childEnvironment(options.env, ['network']);
  // Windows writes it `Path`.
  const [, path = ''] = Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH') ?? [];
  return async (request) => {
    const command = Bun.which('curl', { PATH: path });
    if (command === null) {
      throw new Failure('unavailable', 'There is no `curl` on this machine.', {
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
    request.signal.addEventListener('abort', kill, { once: true });
    try {
      const answer = await limited(child.stdout);
      const exitCode = await child.exited;
      request.signal.throwIfAborted();
      if (exitCode !== 0) throw failureOf(exitCode);
      return responseOf(answer);
    } finally {
      kill();
      await child.exited;
      request.signal.removeEventListener('abort', kill);
    }
  };
}

/** What curl reads from its stdin: an option per line (curl(1), `--config`). */
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
    // The caller's signal ends it on time; this is for a curl whose caller has died.
    ['max-time', String(Math.ceil(timeoutMs / 1000) + 5)],
    ['connect-timeout', connectTimeoutMs > 0 ? String(connectTimeoutMs / 1000) : undefined],
    ['noproxy', isLoopback(new URL(url).hostname) ? '*' : undefined],
    ['proxy', proxy],
    ['cacert', caFile],
    // `Headers` refuses values that would be two headers.
    ...[...new Headers(headers)].map(([name, value]): [string, string] => ['header', `${name}: ${value}`]),
    // Or curl waits for leave to send.
    ['header', 'expect:'],
    ['form', `file=@${quoted(path)};filename=${quoted(filename)};type=${type}`],
    ['form-string', language === undefined ? undefined : `language=${language}`],
  ];
  return lines
    .flatMap(([option, value]) => {
      if (value === undefined) return [];
      return value === true ? `${option}\n` : `${option} = ${onOneLine(quoted(value))}\n`;
    })
    .join('');
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

const escapes: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' };

function onOneLine(text: string): string {
  return text.replace(/[\n\r\t\v]/g, (character) => escapes[character] ?? '');
}

async function limited(stdout: ReadableStream<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of stdout) {
    bytes += piece.byteLength;
    if (bytes > answerLimitBytes) throw noAnswer();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Head and body as they came over the wire, the interim heads before them left out. */
function responseOf(answer: Buffer): Response {
  for (let rest = answer; ; ) {
    const end = rest.indexOf('\r\n\r\n');
    const [first = '', ...fields] = rest.subarray(0, Math.max(end, 0)).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/[\d.]+ (\d{3})/.exec(first)?.[1]);
    rest = rest.subarray(end + 4);
    if (status >= 100 && status < 200) continue;
    if (!(status >= 200 && status <= 599)) throw noAnswer();
    const headers = new Headers();
    for (const field of fields) {
      const [, name, value] = /^([\w-]+):[ \t]*(.*)$/.exec(field) ?? [];
      if (name !== undefined && value !== undefined) headers.append(name, value);
    }
    return new Response(rest.length === 0 ? null : rest, { status, headers });
  }
}

function noAnswer(): Failure {
  return new Failure('upstream_broke', 'What came back for a recording is no HTTP answer.', {
    code: 'invalid_answer',
    retry: false,
  });
}

/** What curl says by its exit status (curl(1), EXIT CODES): a broken network where nothing else is known. */
function failureOf(exitCode: number): Failure {
  if (exitCode === 26) {
    return new Failure('invalid_request', 'The recording cannot be read.', { param: 'file' });
  }
  const distrusted = [51, 58, 60, 77, 83, 90, 91].includes(exitCode);
  return new Failure('upstream_unreachable', `Could not reach the upstream (curl ${exitCode}).`, {
    code: 'upstream_unavailable',
    ...(distrusted ? { retry: false, advice: untrustedCertificateAdvice } : {}),
  });
}
