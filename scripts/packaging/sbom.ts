// The software bill of materials: the packages in the binaries, from bun.lock and runtimes.json, as CycloneDX 1.6
// (https://cyclonedx.org/docs/1.6/json/).
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pkg from '../../package.json' with { type: 'json' };
import { bunVersion, runtimePackage, type Target } from './targets.ts';

const root = join(import.meta.dir, '../..');

type LockEntry = [
  spec: string,
  registry: string,
  { dependencies?: Record<string, string> },
  integrity: string,
];

interface LockedPackage {
  name: string;
  version: string;
  integrity: string;
  dependencies: string[];
}

export function billOfMaterials(commit: string, targets: readonly Target[]): object {
  const packages = lockedPackages();
  const components = [
    ...targets.map((target) => runtimeComponent(target)),
    ...[...packages.values()].map((locked) => packageComponent(locked)),
  ];
  const subject = {
    type: 'application',
    'bom-ref': 'codexd',
    name: 'codexd',
    version: pkg.version,
    description: pkg.description,
    licenses: licensesOf(pkg.license),
    properties: [{ name: 'codexd:commit', value: commit }],
  };
  const dependencies = [
    {
      ref: 'codexd',
      dependsOn: [
        ...targets.map((target) => purlOf(runtimePackage(target).package, bunVersion)),
        ...Object.keys(pkg.dependencies).map((name) => refOf(packages, name)),
      ],
    },
    ...[...packages.values()].map(({ name, version, dependencies }) => ({
      ref: purlOf(name, version),
      dependsOn: dependencies.map((key) => refOf(packages, key)),
    })),
  ];
  const content = { metadata: { component: subject }, components, dependencies };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  };
}

/** The packages that the program can import, by their keys in bun.lock. Type packages are not part of the program. */
function lockedPackages(): Map<string, LockedPackage> {
  const lock = Bun.JSONC.parse(readFileSync(join(root, 'bun.lock'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  const found = new Map<string, LockedPackage>();
  const add = (key: string): void => {
    const [spec, , { dependencies = {} }, integrity] = lock.packages[key]!;
    const at = spec.lastIndexOf('@');
    const locked: LockedPackage = {
      name: spec.slice(0, at),
      version: spec.slice(at + 1),
      integrity,
      dependencies: [],
    };
    found.set(key, locked);
    for (const name of Object.keys(dependencies).filter((each) => !each.startsWith('@types/'))) {
      // The key of a second version of a package begins with the package that needs it.
      const dependency = Object.hasOwn(lock.packages, `${key}/${name}`) ? `${key}/${name}` : name;
      locked.dependencies.push(dependency);
      if (!found.has(dependency)) add(dependency);
    }
  };
  for (const name of Object.keys(pkg.dependencies)) if (!found.has(name)) add(name);
  return found;
}

function refOf(packages: ReadonlyMap<string, LockedPackage>, key: string): string {
  const { name, version } = packages.get(key)!;
  return purlOf(name, version);
}

function packageComponent({ name, version, integrity }: LockedPackage): object {
  const { license } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  const patches: Record<string, string> = pkg.patchedDependencies;
  const patch = patches[`${name}@${version}`];
  return {
    ...component(name, version, integrity, license),
    ...(patch === undefined ? {} : { pedigree: { patches: [{ type: 'unofficial', diff: { url: patch } }] } }),
  };
}

function runtimeComponent(target: Target): object {
  const { package: name, integrity } = runtimePackage(target);
  return {
    ...component(name, bunVersion, integrity, 'MIT'),
    description: `The Bun runtime of the ${target} binary. THIRD-PARTY.md lists the libraries in it.`,
  };
}

function component(name: string, version: string, integrity: string, license: string): object {
  return {
    type: 'library',
    'bom-ref': purlOf(name, version),
    name,
    version,
    purl: purlOf(name, version),
    licenses: licensesOf(license),
    hashes: [
      { alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') },
    ],
  };
}

const licensesOf = (id: string) => [{ license: { id } }];

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** Equal content has an equal serial number, so that builds can be compared. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
