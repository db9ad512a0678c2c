import { expect, test } from 'bun:test';
import { isPath, publicModel, withoutDirectories } from '../../src/audio/paths.ts';

test.each([
  ['cannot open /home/ada/models/ggml-base.bin for reading', 'cannot open ggml-base.bin for reading'],
  ["No such file: '/srv/my models/a b.bin'", "No such file: 'a b.bin'"],
  ['File "C:\\Users\\ada\\m.bin", line 3', 'File "m.bin", line 3'],
  ['see ~/x/y.log (or /var/log/x.log)', 'see y.log (or x.log)'],
  [
    'no server responds at http://127.0.0.1:8080/v1/audio',
    'no server responds at http://127.0.0.1:8080/v1/audio',
  ],
  ['either/or, 1/2, owner/name', 'either/or, 1/2, owner/name'],
])('%j is shown as %j', (text, shown) => {
  expect(withoutDirectories(text)).toBe(shown);
});

test.each([
  ['/models/ggml-base.en-q5_1.bin', 'base.en-q5_1'],
  ['/site-packages/models/tiny/', 'tiny'],
  ['C:\\m\\x', 'x'],
  ['base.en', 'base.en'],
  ['openai/whisper-tiny', 'openai/whisper-tiny'],
])('the model %j is known as %j', (model, name) => {
  expect(publicModel(model)).toBe(name);
  expect(isPath(model)).toBe(model !== name);
});
