// Builds with buildah, which needs no engine, and runs the image's root directory in a mount namespace. The base image comes from
// Debian's packages, and the Rust compiler is this machine's, so no image registry is needed.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildArguments, type Engine, type ImageConfig, output } from './engine.ts';

const suite = 'trixie';
const base = `localhost/debian:${suite}-slim`;
const rust = 'localhost/rust:check';
const tools = join(import.meta.dir, '../../.tools/image');
const buildah = [
  'buildah',
  '--root',
  join(tools, 'store'),
  '--runroot',
  join(tools, 'run'),
  '--storage-driver',
  'vfs',
];
const compiler = '/usr/local/rust';
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** Certificates of the machine, for networks that have their own certificate authority; kept where no package replaces them. */
const certificates = '/etc/ssl/certs/ca-certificates.crt';
const certificatesInside = '/etc/certificates-of-the-host.crt';
const certificateVariables = [
  'NODE_EXTRA_CA_CERTS',
  'npm_config_cafile',
  'CARGO_HTTP_CAINFO',
  'SSL_CERT_FILE',
];

/** Read-only but for /tmp and the state; `exec`, so that signals reach the program. */
const enter = `set -e
root=$1; user=$2; shift 2
mount --bind "$root" /mnt
mount -o remount,bind,ro /mnt
mount -t proc proc /mnt/proc
mount --rbind /dev /mnt/dev
mount -t tmpfs -o mode=1777 tmpfs /mnt/tmp
mount -t tmpfs -o "mode=700,uid=\${user%:*},gid=\${user#*:}" tmpfs /mnt/var/lib/codexd
exec env -i "$@"`;

export const buildahEngine: Engine = {
  name: 'buildah',
  build(context, buildArgs) {
    createBase();
    createRust();
    const tag = 'localhost/codexd:check';
    const options = ['--quiet', '--isolation', 'chroot', '--network', 'host', '--format', 'docker'];
    output([
      ...[...buildah, 'build', ...options, '--tag', tag],
      ...['--volume', `${output(['rustc', '--print', 'sysroot'])}:${compiler}:ro`],
      ...buildArguments({ ...buildArgs, DEBIAN: base, RUST: rust }),
      context,
    ]);
    const inspected = JSON.parse(output([...buildah, 'inspect', '--type', 'image', tag]));
    const { config } = (inspected as { Docker: { config: ImageConfig } }).Docker;
    const container = output([...buildah, 'from', tag]);
    const root = output([...buildah, 'mount', container]);
    return {
      config,
      command: (argv, env) => [
        ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', root, config.User],
        `PATH=${path}`,
        ...config.Env,
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
        ...['chroot', `--userspec=${config.User}`, '/mnt', ...argv],
      ],
      remove: () => void output([...buildah, 'rm', container]),
    };
  },
};

/** The base image, once: `debootstrap` takes minutes. */
function createBase(): void {
  if (exists(base)) return;
  mkdirSync(tools, { recursive: true });
  const directory = join(tools, suite);
  output(['rm', '-rf', directory]); // what an interrupted run left
  output(['debootstrap', '--variant=minbase', suite, directory]);
  const container = output([...buildah, 'from', 'scratch']);
  output([...buildah, 'add', '--quiet', container, directory, '/']);
  if (existsSync(certificates)) {
    output([...buildah, 'copy', '--quiet', container, certificates, certificatesInside]);
    const variables = certificateVariables.flatMap((name) => ['--env', `${name}=${certificatesInside}`]);
    output([...buildah, 'config', ...variables, container]);
  }
  commit(container, base);
  output(['rm', '-rf', directory]);
}

/** A stand-in for the image of the Rust project: the linker from Debian, the compiler mounted when it is used. */
function createRust(): void {
  if (exists(rust)) return;
  const container = output([...buildah, 'from', base]);
  const install = 'apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev';
  output([...buildah, 'run', '--isolation', 'chroot', '--network', 'host', container, 'sh', '-c', install]);
  const variables = ['--env', `PATH=${compiler}/bin:${path}`, '--env', 'CARGO_HOME=/usr/local/cargo'];
  output([...buildah, 'config', ...variables, container]);
  commit(container, rust);
}

function commit(container: string, image: string): void {
  output([...buildah, 'commit', '--quiet', container, image]);
  output([...buildah, 'rm', container]);
}

function exists(image: string): boolean {
  return output([...buildah, 'images', '--format', '{{.Name}}:{{.Tag}}'])
    .split('\n')
    .includes(image);
}
