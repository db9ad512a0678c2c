// The messages of a WebSocket on /v1/responses (docs/wire/openai.md#websocket): a client's `response.create`, and the events
// that exist only there.
import type { Failure } from '../../../failure.ts';
import { type Fields, isObject, isSet, parsed } from '../../../responses/fields.ts';
import { invalid, optionalBoolean, optionalString, quoted } from '../check.ts';
import { openaiFailure } from '../errors.ts';

export interface CreateMessage {
  /** As the body of a streamed POST. */
  body: Fields;
  /** False for a prewarm, which only sends input ahead of the turn that continues it. */
  generates: boolean;
  /** Repeated in every event, for clients that run several conversations on one connection. */
  streamId: string | undefined;
}

const longestStreamId = 128;

/** Throws a Failure that names what is wrong. */
export function readCreateMessage(text: string): CreateMessage {
  const message = parsed(text);
  if (!isObject(message)) throw invalid(undefined, 'A message must be a JSON object.', 'invalid_type');
  const { type, generate, stream_id, stream: _, ...body } = message;
  if (type !== 'response.create') {
    throw invalid(
      'type',
      isSet(type) ? `Messages of type \`${quoted(type)}\` are not supported.` : '`type` is required.',
      isSet(type) ? 'unsupported_value' : 'missing_required_parameter',
      'Send `"type": "response.create"` with the fields of a request.',
    );
  }
  const streamId = optionalString(stream_id, 'stream_id');
  if (streamId !== undefined && streamId.length > longestStreamId) {
    throw invalid(
      'stream_id',
      `\`stream_id\` is longer than ${longestStreamId} characters.`,
      'invalid_value',
    );
  }
  return {
    body: { ...body, ...metadataOf(body.client_metadata), stream: true },
    generates: optionalBoolean(generate, 'generate') ?? true,
    streamId,
  };
}

/** `client_metadata` without the entries that replace request headers. */
function metadataOf(value: unknown): Fields {
  if (!isObject(value)) return {};
  const kept = Object.entries(value).filter(([name]) => !replacesHeader(name));
  return { client_metadata: Object.fromEntries(kept) };
}

function replacesHeader(name: string): boolean {
  return name === turnState || name.startsWith('x-codex-ws-') || name.startsWith(headerPrefix);
}

export const turnState = 'x-codex-turn-state';
const headerPrefix = 'ws_request_header_';
/** Headers of the handshake itself, and of the connection. */
const ofHandshake = /^(?:connection|upgrade|openai-beta|sec-websocket-.+)$/;
const inMetadata = ['x-codex-turn-metadata', 'x-codex-window-id'];

/**
 * The headers that Codex would send with this message over HTTP. Those of the upgrade are about the first message;
 * `client_metadata` contains this one's.
 */
export function headersOfMessage(
  upgrade: Headers,
  text: string,
  last: { turnId: unknown; state: string | undefined } | undefined,
): Headers {
  const headers = new Headers([...upgrade].filter(([name]) => !ofHandshake.test(name)));
  const message = parsed(text);
  const metadata = isObject(message) && isObject(message.client_metadata) ? message.client_metadata : {};
  if (last?.state !== undefined && last.turnId !== undefined && last.turnId === metadata.turn_id) {
    headers.set(turnState, last.state);
  }
  for (const [name, value] of Object.entries(metadata)) {
    const header = headerOf(name, headers);
    if (header !== undefined && typeof value === 'string' && /^[\x20-\x7e]*$/.test(value)) {
      headers.set(header, value);
    }
  }
  return headers;
}

/** Codex's own id for everything between two messages of the user. */
export function turnIdOf({ client_metadata: metadata }: Fields): string | undefined {
  return isObject(metadata) && typeof metadata.turn_id === 'string' ? metadata.turn_id : undefined;
}

function headerOf(name: string, headers: Headers): string | undefined {
  if (name === turnState || (inMetadata.includes(name) && headers.has(name))) return name;
  const [, own] = /^ws_request_header_(x_openai_[a-z_]{1,64})$/.exec(name) ?? [];
  return own?.replaceAll('_', '-');
}

/** Codex reads either `status` or `status_code`, and cannot parse an event with both. */
export function errorEvent(failure: Failure, upstreamHeaders: Record<string, string>): Fields {
  const { status, headers, body } = openaiFailure(failure, 'input');
  return { type: 'error', status, ...(body as Fields), headers: { ...upstreamHeaders, ...headers } };
}

/** What Codex reads in response headers over HTTP. */
export function metadataEvent(headers: Record<string, string>): Fields | undefined {
  return Object.keys(headers).length === 0 ? undefined : { type: 'codex.response.metadata', headers };
}
