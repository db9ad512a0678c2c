// Every client has a page in docs/clients, generated from its definition.
import { describe, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clientPage } from '../../scripts/client-pages.ts';
import { clients } from '../../src/cli/env/clients.ts';

const directory = join(import.meta.dir, '../../docs/clients');

describe('docs/clients', () => {
  test.each(Object.entries(clients))(
    '%s.md is made from its definition (UPDATE=1 rewrites it)',
    async (name, client) => {
      const path = join(directory, `${name}.md`);
      const page = clientPage(name, client);
      if (process.env.UPDATE) {
        mkdirSync(directory, { recursive: true });
        await Bun.write(path, page);
      } else expect(existsSync(path) && readFileSync(path, 'utf8')).toBe(page);
    },
  );

  test('has no page of a client that does not exist', () => {
    const names = readdirSync(directory).map((file) => file.replace(/\.md$/, ''));
    expect(names.sort()).toEqual(Object.keys(clients).sort());
  });

  test('at least twenty clients', () => {
    expect(Object.keys(clients).length).toBeGreaterThanOrEqual(20);
  });

  test.each(Object.entries(clients))('the definition of %s', (_, { about, file }) => {
    expect(about.edits === undefined).toBe(typeof file === 'string');
    expect(about.sources.length).toBeGreaterThan(0);
    for (const url of about.sources) expect(url).toStartWith('https://');
    for (const limit of about.limits) expect(limit).toEndWith('.');
  });
});
