// The bill of materials lists what THIRD-PARTY.md lists, and the runtimes.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOfMaterials } from '../../scripts/packaging/sbom.ts';
import { targets } from '../../scripts/packaging/targets.ts';

interface Bill {
  serialNumber: string;
  components: { name: string; version: string; purl: string; hashes: { content: string }[] }[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

const bill = billOfMaterials('0123456789ab', targets) as Bill;

test('lists every package of THIRD-PARTY.md, and a runtime for each target', () => {
  const text = readFileSync(join(import.meta.dir, '../../THIRD-PARTY.md'), 'utf8');
  const listed = [...text.matchAll(/^\| (\S+) \| (\d\S*) \| \S+ \| https/gm)];
  const isRuntime = ({ name }: { name: string }) => name.startsWith('@oven/bun-');
  const packages = bill.components.filter((component) => !isRuntime(component));
  expect(packages.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
    listed.map(([, name, version]) => `${name} ${version}`).sort(),
  );
  expect(bill.components.filter(isRuntime)).toHaveLength(targets.length);
});

test('every component has the SHA-512 of its package', () => {
  for (const { hashes } of bill.components) expect(hashes[0]!.content).toMatch(/^[0-9a-f]{128}$/);
});

test('every dependency is a component', () => {
  const refs = new Set(bill.components.map(({ purl }) => purl));
  for (const { dependsOn } of bill.dependencies) for (const ref of dependsOn) expect(refs).toContain(ref);
});

test('has the same number for the same content only', () => {
  const numberOf = (commit: string) => (billOfMaterials(commit, targets) as Bill).serialNumber;
  expect(numberOf('0123456789ab')).toBe(bill.serialNumber);
  expect(numberOf('ba9876543210')).not.toBe(bill.serialNumber);
  expect(bill.serialNumber).toMatch(
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});
