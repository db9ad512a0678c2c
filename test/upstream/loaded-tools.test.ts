// Where tools that were loaded during a conversation are placed.
import { describe, expect, test } from 'bun:test';
import type { ResponsesRequest } from '../../src/responses/request.ts';
import { type ModelFacts, shapeRequest } from '../../src/upstream/request.ts';

const model: ModelFacts = {
  slug: 'gpt-6.1-sol',
  supportsVerbosity: true,
  usesResponsesLite: true,
  inputModalities: ['text'],
  serviceTiers: [],
};
const tool = (name: string) => ({
  type: 'function' as const,
  name,
  strict: false,
  parameters: { type: 'object', properties: {} },
});
const user = (text: string) => ({
  type: 'message' as const,
  role: 'user' as const,
  content: [{ type: 'input_text' as const, text }],
});
const mark = (...names: string[]) => ({ type: 'loaded_tools' as const, names });
const base = { model: 'm', instructions: 'Be brief.' };
const request: ResponsesRequest = {
  ...base,
  tools: [tool('Search'), tool('Edit'), tool('Zoom')],
  tool_choice: 'auto',
  input: [user('a'), mark('Edit'), user('b'), mark('Zoom', 'Edit'), user('c')],
};

describe('tools of the conversation', () => {
  test('are items where they were loaded, each once; the others stay in front', () => {
    const { body, lite } = shapeRequest(request, model, 'classic');
    expect(lite).toBe(false);
    expect(body.tools).toEqual([tool('Search')]);
    expect(body.input).toEqual([
      user('a'),
      { type: 'additional_tools', role: 'developer', tools: [tool('Edit')] },
      user('b'),
      { type: 'additional_tools', role: 'developer', tools: [tool('Zoom')] },
      user('c'),
    ]);
  });

  test('leave everything before them as it was', () => {
    const before = shapeRequest(
      { ...request, tools: [tool('Search'), tool('Edit')], input: request.input.slice(0, 3) },
      model,
      'classic',
    ).body;
    const after = shapeRequest(request, model, 'classic').body;
    expect(after.tools).toEqual(before.tools!);
    expect(after.input.slice(0, before.input.length)).toEqual(before.input);
  });

  test('are all in front for a model that does not know the item, and in the body for an upstream that refuses it', () => {
    const expected = { tools: request.tools, input: [user('a'), user('b'), user('c')] };
    const classic = shapeRequest(request, { ...model, slug: 'gpt-5.5', usesResponsesLite: false }, 'classic');
    expect(classic.body).toMatchObject(expected);
    expect(classic.gatheredBody).toBeUndefined();
    expect(shapeRequest(request, model, 'classic').gatheredBody).toMatchObject(expected);
  });

  test('without any other tool they are in front: a choice without tools is refused', () => {
    const { body } = shapeRequest(
      { ...base, tools: [tool('Edit')], tool_choice: 'auto', input: [user('a'), mark('Edit')] },
      model,
      'classic',
    );
    expect(body).toMatchObject({ tools: [tool('Edit')], input: [user('a')] });
  });

  test("are never taken from an item of a client's own", () => {
    const input = [user('a'), { type: 'loaded_tools', names: 'Edit' }];
    expect(shapeRequest({ ...request, input }, model, 'classic').body.input).toEqual(input);
  });

  test('in the Lite shape the ones in front are the first item', () => {
    const { body } = shapeRequest(request, model, 'lite');
    expect(body).not.toHaveProperty('tools');
    expect(body.input.map(({ type }) => type)).toEqual([
      'additional_tools',
      'message',
      'message',
      'additional_tools',
      'message',
      'additional_tools',
      'message',
    ]);
  });
});
