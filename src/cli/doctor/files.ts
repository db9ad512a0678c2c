// Who may read and write codexd's files, and whether codexd can write its own.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { namedKeys } from '../../config/schema.ts';
import { adviceOf, reasonOf } from '../../system/errno.ts';
import type { Examined } from './examined.ts';
import { type Finding, good, problem } from './findings.ts';

export function checkFiles(examined: Examined): Finding[] {
  const { stateDir, cacheDir } = examined.setup.paths;
  const found = [
    ...unwritable(stateDir),
    ...(cacheDir === undefined ? [] : unwritable(cacheDir)),
    ...(examined.call.platform === 'win32' ? [] : exposedFiles(examined)),
  ];
  if (found.length > 0) return found;
  return [good('files', 'Only you can read the login and change the settings.')];
}

/** A refreshed login that cannot be saved is lost on exit. */
function unwritable(directory: string): Finding[] {
  const existing = nearestExisting(directory);
  if (!statSync(existing).isDirectory()) {
    return [
      problem('files', `codexd cannot create ${directory}: ${existing} is not a directory.`, 'Remove it.'),
    ];
  }
  try {
    accessSync(existing, constants.W_OK);
    return [];
  } catch (thrown) {
    const message = `codexd cannot write to ${existing}: ${reasonOf(thrown)}.`;
    return [problem('files', message, adviceOf(thrown, existing))];
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}

const groupAndOthers = 0o077;
const groupAndOthersWrite = 0o022;

function exposedFiles({ setup: { paths, config, sources = {} } }: Examined): Finding[] {
  const secretFiles = namedKeys
    .filter(({ key, path }) => key.secret && sources[path]?.layer === 'file')
    .map(({ path }) => sources[path]!.at);
  const hasSecrets = (file: string) => secretFiles.some((at) => at.startsWith(file));
  const settings = [paths.configFile, ...(paths.profileConfigFile ? [paths.profileConfigFile] : [])];
  return [
    ...[config.auth.authFile ?? paths.authFile, paths.codexAuthFile, paths.stateDir].flatMap((path) =>
      exposed(path, groupAndOthers),
    ),
    ...settings.flatMap((path) => exposed(path, hasSecrets(path) ? groupAndOthers : groupAndOthersWrite)),
  ];
}

/** The finding if the mode of the file has any of these bits. */
function exposed(path: string, forbidden: number): Finding[] {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || (stat.mode & forbidden) === 0) return [];
  const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
  const wanted = forbidden === groupAndOthersWrite ? 'go-w' : 'go=';
  const act = forbidden === groupAndOthersWrite ? 'change' : 'read';
  return [
    problem('files', `Other users can ${act} ${path} (mode ${mode}).`, `Run \`chmod ${wanted} ${path}\`.`),
  ];
}
