// If the upstream refuses a turn because of one part, the turn is sent again without that part: otherwise every later
// turn of the conversation would be refused too. Omitted parts are reported.
import type { Failure } from '../failure.ts';
import { isObject } from '../responses/fields.ts';
import { type Dropped, type InputItem, type InputPart, searchSources } from '../responses/request.ts';
import { type UpstreamBody, withoutReasoning, withoutSources } from './request.ts';

export interface SecondTry {
  body: UpstreamBody;
  leftOut: Dropped;
}

/** What to send instead; undefined if the refusal is about something else. */
export function secondTry(body: UpstreamBody, failure: Failure): SecondTry | undefined {
  if (failure.code === 'invalid_encrypted_content' && body.input.some(({ type }) => type === 'reasoning')) {
    const why = 'The upstream cannot read the reasoning of another account or model.';
    return { body: withoutReasoning(body), leftOut: { field: 'reasoning of earlier turns', why } };
  }
  if (body.include?.includes(searchSources) && refusesSources(failure)) {
    const why = 'The upstream does not list the sources of web searches.';
    return { body: withoutSources(body), leftOut: { field: searchSources, why, hint: true } };
  }
  if (!refusesFile(failure) || !body.input.some(hasFile)) return undefined;
  return {
    body: { ...body, input: body.input.map(withoutFile) },
    leftOut: { field: 'files in tool results', why: 'The upstream does not accept files in tool results.' },
  };
}

function refusesSources({ kind, message, param }: Failure): boolean {
  return kind === 'invalid_request' && /web_search_call|\binclude\b/.test(`${message} ${param}`);
}

function refusesFile({ kind, message, param = '' }: Failure): boolean {
  return (
    kind === 'invalid_request' && (/input_file|file_data/.test(message) || /\.output\b|file/.test(param))
  );
}

function hasFile(item: InputItem): boolean {
  return outputParts(item).some(isFile);
}

function isFile(part: unknown): boolean {
  return isObject(part) && part.type === 'input_file';
}

function outputParts(item: InputItem): readonly unknown[] {
  return 'output' in item && Array.isArray(item.output) ? item.output : [];
}

function withoutFile(item: InputItem): InputItem {
  if (!hasFile(item)) return item;
  const output = outputParts(item).map((part) =>
    isFile(part) ? noteOf(part as { filename?: unknown }) : part,
  );
  return { ...item, output } as InputItem;
}

/** Tells the model that there was a file, so that it does not guess. */
function noteOf({ filename }: { filename?: unknown }): InputPart {
  const name = typeof filename === 'string' ? ` ${filename}` : '';
  return { type: 'input_text', text: `[The file${name} could not be passed on.]` };
}
