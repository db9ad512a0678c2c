// Tools that Anthropic defines and the client runs. A request contains only their type; their schemas are published. As
// functions, the upstream's models can call them too.
import type { Fields } from '../../../responses/fields.ts';

export interface ClientTool {
  description: string;
  parameters: Fields;
}

const text = { type: 'string' };
const integer = { type: 'integer' };

const editing = {
  path: { ...text, description: 'Absolute path to the file or directory.' },
  file_text: { ...text, description: 'With `create`: the content of the file.' },
  old_str: { ...text, description: 'With `str_replace`: the text to replace; it must occur exactly once.' },
  new_str: { ...text, description: 'With `str_replace`: the new text.' },
  insert_line: {
    ...integer,
    description: 'With `insert`: the line after which to insert; 0 for the beginning.',
  },
  insert_text: { ...text, description: 'With `insert`: the text to insert.' },
  view_range: {
    type: 'array',
    items: integer,
    description: 'With `view` of a file: the first and the last line, counted from 1; -1 for the end.',
  },
};

const bash: ClientTool = {
  description: 'Runs a command in a bash session that stays open between calls. `restart` starts a new one.',
  parameters: {
    type: 'object',
    properties: {
      command: { ...text, description: 'The command to run; needed unless `restart` is true.' },
      restart: { type: 'boolean', description: 'True to start a new session.' },
    },
  },
};

const memory: ClientTool = {
  description: 'Reads and writes files below /memories, which outlast the conversation.',
  parameters: {
    type: 'object',
    properties: {
      command: { ...text, enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
      ...editing,
      path: { ...text, description: 'Path below /memories.' },
      old_path: { ...text, description: 'With `rename`: the path now.' },
      new_path: { ...text, description: 'With `rename`: the new path.' },
    },
    required: ['command'],
  },
};

function editor(...further: string[]): ClientTool {
  return {
    description: 'Views, creates and edits text files.',
    parameters: {
      type: 'object',
      properties: {
        command: { ...text, enum: ['view', 'create', 'str_replace', 'insert', ...further] },
        ...editing,
      },
      required: ['command', 'path'],
    },
  };
}

export const clientTools: ReadonlyMap<unknown, ClientTool> = new Map([
  ['bash_20250124', bash],
  ['text_editor_20250124', editor('undo_edit')],
  ['text_editor_20250429', editor()],
  ['text_editor_20250728', editor()],
  ['memory_20250818', memory],
]);
