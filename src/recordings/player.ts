// `serve --replay DIR`: responds from recordings in place of the upstream, which is never reached.
import { Failure } from '../failure.ts';
import { comparable, differences, keyOf } from './match.ts';
import { bodyOf, bytesOf, type RecordedRequest, type Recording, recordedPath } from './recording.ts';

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface NamedRecording {
  /** The file's name. */
  name: string;
  recording: Recording;
}

/** `recordings`: in the order in which they were made, which is also that of equal requests; the last one repeats. */
export function createPlayer(recordings: readonly NamedRecording[]): Fetch {
  const queues = Map.groupBy(recordings, ({ recording }) => keyOf(comparable(recording.request)));
  const next = (request: RecordedRequest) => {
    const queue = queues.get(keyOf(comparable(request)));
    return queue === undefined || queue.length === 1 ? queue?.[0] : queue.shift();
  };
  return async (url, init) => {
    const path = recordedPath(url);
    // The account's routes have defaults; see AccountRouting.
    if (path === undefined) return Response.json({ detail: 'Not recorded' }, { status: 404 });
    const request = { method: init?.method ?? 'GET', path, body: bodyOf(init) };
    const found = next(request) ?? (request.method === 'GET' ? ofAnyQuery(request, recordings) : undefined);
    if (found === undefined) throw noRecording(request, recordings);
    return responseOf(found.recording);
  };
}

function responseOf({ response: { status, headers, chunks, broken } }: Recording): Response {
  const left = chunks.map(bytesOf);
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const chunk = left.shift();
        if (chunk !== undefined) controller.enqueue(chunk);
        else if (broken)
          controller.error(Object.assign(new TypeError('The connection was reset.'), { code: 'ECONNRESET' }));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status, headers });
}

/** The newest catalogue, whichever Codex version it was requested for. */
function ofAnyQuery(
  { path }: RecordedRequest,
  recordings: readonly NamedRecording[],
): NamedRecording | undefined {
  const plain = (text: string) => text.replace(/\?.*/, '');
  return recordings.findLast(({ recording: { request } }) => plain(request.path) === plain(path));
}

/** Names the nearest recording and where it differs. Does not quote values, because the message is logged. */
function noRecording(request: RecordedRequest, recordings: readonly NamedRecording[]): Failure {
  const [nearest] = recordings
    .filter(({ recording }) => recording.request.path === request.path)
    .map(({ name, recording }) => ({
      name,
      fields: differences(comparable(recording.request), comparable(request)),
    }))
    .toSorted((a, b) => a.fields.length - b.fields.length);
  const message =
    nearest === undefined
      ? `There is no recording of ${request.method} ${request.path}.`
      : `No recording matches this request. The nearest is ${nearest.name}, which differs in ${listed(nearest.fields)}.`;
  return new Failure('not_found', message, {
    code: 'no_recording',
    advice: 'Record the request with `codexd serve --record DIR`.',
  });
}

const maxListed = 3;

function listed(fields: readonly string[]): string {
  const shown = fields.slice(0, maxListed).map((field) => `\`${field}\``);
  const more = fields.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
