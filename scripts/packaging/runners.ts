// How the binary of each target is run on this machine: natively, or by an emulator or a foreign loader from Debian.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binaryName, hostTarget, type Target } from './targets.ts';

export interface Runner {
  /** The command that runs the binary. */
  command: string[];
  env: Record<string, string>;
  /** How the binary is run, for the report. */
  means: string;
}

/** `reason`: why the binary cannot be run here. */
export type RunnerResult = Runner | { reason: string };

/** `tools`: the directory for what is built or unpacked to run it. */
export function findRunner(target: Target, dist: string, tools: string): RunnerResult {
  const binary = join(dist, binaryName(target));
  try {
    if (target === hostTarget()) return { command: [binary], env: {}, means: 'natively' };
    if (hostTarget() !== 'linux-x64') return { reason: 'emulators are set up on Linux x64 only' };
    return finders[target](binary, tools);
  } catch (thrown) {
    return { reason: (thrown as Error).message };
  }
}

const noMacs = 'macOS programs run on macOS only';
const finders: Record<Target, (binary: string, tools: string) => RunnerResult> = {
  'darwin-arm64': () => ({ reason: noMacs }),
  'darwin-x64': () => ({ reason: noMacs }),
  'windows-arm64': () => ({ reason: 'there is no emulator for Windows on ARM' }),
  'linux-x64': (binary) => ({ command: [binary], env: {}, means: 'natively' }),
  'linux-arm64': (binary) => qemu(binary, '/usr/aarch64-linux-gnu', {}),
  'linux-x64-musl': (binary, tools) => {
    const loader = '/lib/ld-musl-x86_64.so.1';
    if (!existsSync(loader)) throw new Error(`${loader} is missing (Debian package musl)`);
    return { command: [binary], env: muslLibraries('x86_64', 'gcc', tools), means: "Debian's musl" };
  },
  'linux-arm64-musl': (binary, tools) => {
    const root = muslRoot(tools);
    return qemu(binary, root, muslLibraries('aarch64', 'aarch64-linux-gnu-gcc', tools));
  },
  'windows-x64': (binary, tools) => wine(binary, tools),
};

function qemu(binary: string, root: string, env: Record<string, string>): Runner {
  const program = need('qemu-aarch64-static', 'qemu-user-static');
  if (!existsSync(join(root, 'lib')))
    throw new Error(`${root} is missing (Debian package libc6-arm64-cross)`);
  const variables = Object.entries(env).flatMap(([name, value]) => ['-E', `${name}=${value}`]);
  return { command: [program, '-L', root, ...variables, binary], env: {}, means: 'QEMU' };
}

/** A libstdc++ for musl comes with a Python package; Debian has none. Its two missing functions only report fatal errors. */
function muslLibraries(processor: string, compiler: string, tools: string): Record<string, string> {
  const folder = join(tools, `musl-${processor}`);
  const shim = join(folder, 'shim.so');
  if (!existsSync(shim)) {
    need(compiler, `${compiler === 'gcc' ? 'gcc' : 'gcc-aarch64-linux-gnu'}`);
    need('pip', 'python3-pip');
    mkdirSync(folder, { recursive: true });
    run([
      ...['pip', 'download', '-q', '--no-deps', '--only-binary=:all:', '--python-version=3.11', '-d', folder],
      ...[`--platform=musllinux_1_1_${processor}`, 'greenlet==3.0.3'],
    ]);
    const wheel = readdirSync(folder).find((name) => name.endsWith('.whl'))!;
    run(['python3', '-m', 'zipfile', '-e', join(folder, wheel), folder]);
    const libraries = join(folder, 'greenlet.libs');
    for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
      const start = name.split('.')[0]!;
      symlinkSync(readdirSync(libraries).find((each) => each.startsWith(start))!, join(libraries, name));
    }
    const functions = ['_ZSt28__throw_bad_array_new_lengthv', '_ZSt21__glibcxx_assert_failPKciS0_S0_'];
    const code = `void abort(void);\n${functions.map((name) => `void ${name}(void) { abort(); }\n`).join('')}`;
    writeFileSync(join(folder, 'shim.c'), code);
    run([compiler, '-shared', '-fPIC', '-nostdlib', '-o', shim, join(folder, 'shim.c')]);
  }
  return { LD_LIBRARY_PATH: join(folder, 'greenlet.libs'), LD_PRELOAD: shim };
}

/** musl for ARM, unpacked. apt gets its own package lists, so that the machine's stay unchanged. */
function muslRoot(tools: string): string {
  const root = join(tools, 'musl-root');
  const loader = join(root, 'lib/ld-musl-aarch64.so.1');
  if (!existsSync(loader)) {
    need('apt-get', 'apt');
    mkdirSync(join(root, 'lists/partial'), { recursive: true });
    const apt = ['apt-get', '-qq', '-o', 'APT::Architecture=arm64', '-o', 'APT::Architectures=arm64'];
    const lists = [
      '-o',
      `Dir::State::lists=${join(root, 'lists')}`,
      '-o',
      'Dir::Cache::pkgcache=',
      '-o',
      'Dir::Cache::srcpkgcache=',
    ];
    run([...apt, ...lists, 'update']);
    run([...apt, ...lists, 'download', 'musl'], root);
    run(['dpkg', '-x', join(root, readdirSync(root).find((name) => name.endsWith('.deb'))!), root]);
    if (!existsSync(loader)) throw new Error("Debian's musl for ARM has no loader");
  }
  return root;
}

/** Wine 8 lacks a library that Bun's random numbers come from. */
function wine(binary: string, tools: string): Runner {
  const program = need('wine', 'wine');
  const compiler = need('x86_64-w64-mingw32-gcc', 'gcc-mingw-w64-x86-64');
  const prefix = join(tools, 'wine');
  const library = join(prefix, 'bcryptprimitives.dll');
  const env = { WINEPREFIX: prefix, WINEDEBUG: '-all', DISPLAY: '' };
  if (!existsSync(library)) {
    mkdirSync(prefix, { recursive: true });
    const code = join(prefix, 'random.c');
    writeFileSync(
      code,
      '#include <windows.h>\n#include <ntsecapi.h>\n__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE p, SIZE_T n) { return RtlGenRandom(p, (ULONG)n); }\n',
    );
    run([program, 'reg', 'add', 'HKCU\\Software\\Wine', '/v', 'Version', '/d', 'win10', '/f'], prefix, env);
    run([compiler, '-shared', '-o', library, code, '-ladvapi32']);
  }
  // Windows looks for libraries beside the program.
  const copy = join(prefix, 'codexd.exe');
  writeFileSync(copy, readFileSync(binary));
  return { command: [program, copy], env, means: 'Wine' };
}

function need(program: string, debianPackage: string): string {
  const found = Bun.which(program);
  if (found === null) throw new Error(`${program} is not installed (Debian package ${debianPackage})`);
  return found;
}

function run(command: string[], cwd?: string, env: Record<string, string> = {}): void {
  const { success, stderr } = Bun.spawnSync(command, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdout: 'ignore',
    stderr: 'pipe',
  });
  if (!success)
    throw new Error(`${command.join(' ')} failed: ${stderr.toString().trim().split('\n').at(-1)}`);
}
