// THIRD-PARTY.md lists all third-party code that the program contains.
import { expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const text = (path: string) => readFileSync(join(root, path), 'utf8');

interface Package {
  name: string;
  version: string;
  license: string;
  dependencies?: Record<string, string>;
}

function installed(name: string): Package {
  return JSON.parse(text(`node_modules/${name}/package.json`));
}

/** Types are not part of the program. */
function withDependencies(names: string[], found = new Map<string, Package>()): Map<string, Package> {
  for (const name of names.filter((each) => !each.startsWith('@types/') && !found.has(each))) {
    found.set(name, installed(name));
    withDependencies(Object.keys(installed(name).dependencies ?? {}), found);
  }
  return found;
}

test('THIRD-PARTY.md lists every package of the program with version and licence', () => {
  const packages = withDependencies(Object.keys(JSON.parse(text('package.json')).dependencies));
  const named = [...text('THIRD-PARTY.md').matchAll(/^\| (\S+) \| (\d\S*) \| (\S+) \| https/gm)];
  expect(named.map(([, name, version, licence]) => `${name} ${version} ${licence}`).sort()).toEqual(
    [...packages.values()].map(({ name, version, license }) => `${name} ${version} ${license}`).sort(),
  );
});

test('every licence has its text', () => {
  const files = {
    'Apache-2.0': 'Apache-2.0',
    'LGPL-2.1': 'LGPL-2.1',
    'LGPL-3.0-or-later': 'LGPL-3.0',
    'MPL-2.0': 'MPL-2.0',
    MIT: 'MIT',
    'BSD-3-Clause': 'BSD-3-Clause',
  };
  const named = new Set(
    [...text('THIRD-PARTY.md').matchAll(/\| ([A-Z][\w.+-]*) \| https/g)].map((row) => row[1]!),
  );
  expect([...named].filter((licence) => !Object.hasOwn(files, licence))).toEqual([]);
  for (const file of Object.values(files))
    expect(existsSync(join(root, 'licenses', `${file}.txt`))).toBe(true);
});
