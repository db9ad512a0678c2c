// The form as it goes over the wire: its bytes, its length, and what happens when the file or the receiver is gone.
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openForm } from '../../src/stream/form.ts';

const directory = mkdtempSync(join(tmpdir(), 'codexd-form-'));
afterAll(() => rmSync(directory, { recursive: true }));

function fileOf(bytes: Uint8Array) {
  const path = join(directory, crypto.randomUUID());
  writeFileSync(path, bytes);
  return { name: 'file', path, filename: 'audio.wav', type: 'audio/wav' };
}

/** Collects what a connection sends; `onBytes` decides about the server's response. */
async function receiver(onBytes: (socket: Socket, received: string) => void) {
  let received = '';
  const closed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('close', () => closed.resolve());
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      onBytes(socket, received);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}/`,
    closed: closed.promise,
    received: () => received,
    [Symbol.dispose]: () => void server.close(),
  };
}

const answered = (status: string) => `HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\nno`;

test.each([0, 1, 262_143, 262_144, 262_145, 600_000])(
  'a file of %d bytes and fields come back as they were',
  async (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 7) % 251);
    const form = await openForm({ ...fileOf(bytes), filename: 'a "b"\r\n.wav' }, [
      ['text', 'two\r\nlines ü'],
      ['list[]', 'one'],
      ['list[]', 'two'],
    ]);
    const sent = await new Response(form.body, { headers: form.headers }).bytes();
    expect(form.headers['content-length']).toBe(String(sent.length));
    const read = await new Response(sent, { headers: form.headers }).formData();
    const { file, ...fields } = Object.fromEntries([...read].map(([name]) => [name, read.getAll(name)]));
    expect(fields).toEqual({ text: ['two\r\nlines ü'], 'list[]': ['one', 'two'] });
    expect(Buffer.compare(await (file![0] as File).bytes(), bytes)).toBe(0);
    expect(Buffer.from(sent.subarray(0, 200)).toString()).toContain('filename="a %22b%22%0D%0A.wav"\r\n');
  },
);

test('it is sent with its length, not in chunks, and whole', async () => {
  const bytes = new Uint8Array(700_000).fill(120);
  const form = await openForm(fileOf(bytes), []);
  using server = await receiver((socket, received) => {
    if (received.endsWith('--\r\n')) socket.write(answered('200 OK'));
  });
  const { headers, body } = form;
  expect((await fetch(server.url, { method: 'POST', headers, body })).status).toBe(200);
  const [head = '', content = ''] = server.received().split(/\r\n\r\n(.*)/s);
  expect(head).toContain(`Content-Length: ${headers['content-length']}`);
  expect(head).not.toMatch(/transfer-encoding/i);
  expect(content.length).toBe(Number(headers['content-length']));
});

test('a server that answers before it has read all is heard, and the rest is not sent', async () => {
  const form = await openForm(fileOf(new Uint8Array(30_000_000)), []);
  using server = await receiver((socket) => {
    socket.pause();
    socket.end(answered('413 Too Large'));
  });
  const answer = await fetch(server.url, { method: 'POST', headers: form.headers, body: form.body });
  expect(answer.status).toBe(413);
  expect(server.received().length).toBeLessThan(10_000_000);
});

test('who gives up ends the sending', async () => {
  const form = await openForm(fileOf(new Uint8Array(30_000_000)), []);
  const controller = new AbortController();
  using server = await receiver((socket) => {
    socket.pause();
    controller.abort(new Error('left'));
    socket.resume();
  });
  const { headers, body } = form;
  const sent = fetch(server.url, { method: 'POST', headers, body, signal: controller.signal });
  await expect(sent).rejects.toThrow('left');
  await server.closed;
});

test('a file that has become shorter fails the sending instead of ending it', async () => {
  const file = fileOf(new Uint8Array(1_000_000));
  const form = await openForm(file, []);
  truncateSync(file.path, 300_000);
  using server = await receiver(() => {});
  const { headers, body } = form;
  await expect(fetch(server.url, { method: 'POST', headers, body })).rejects.toThrow('truncated');
  await server.closed;
});

test('a file that is not there', async () => {
  await expect(openForm({ ...fileOf(new Uint8Array()), path: '/nowhere' }, [])).rejects.toThrow('ENOENT');
});
