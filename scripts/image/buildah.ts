// Builds with buildah, which needs no engine, and runs the image's root directory in a mount namespace. The base image comes from
// Debian's packages, so no image registry is needed.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildArguments, type Engine, type ImageConfig, output } from './engine.ts';

const suite = 'trixie';
const base = `localhost/debian:${suite}-slim`;
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
/** Certificates of the machine, for networks that have an authority of their own; kept where no package replaces them. */
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
    const tag = 'localhost/codexd:check';
    const options = ['--quiet', '--isolation', 'chroot', '--network', 'host', '--format', 'docker'];
    output([
      ...[...buildah, 'build', ...options, '--tag', tag],
      ...buildArguments({ ...buildArgs, DEBIAN: base }),
      context,
    ]);
    const inspected = JSON.parse(output([...buildah, 'inspect', '--type', 'image', tag]));
    const { config } = (inspected as { Docker: { config: ImageConfig } }).Docker;
    const container = output([...buildah, 'from', tag]);
    const root = output([...buildah, 'mount', container]);
    const fixed = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
    return {
      config,
      command: (argv, env) => [
        ...['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', root, config.User],
        ...Object.entries(fixed).map(([name, value]) => `${name}=${value}`),
        ...config.Env.filter((variable) => !variable.startsWith('PATH=')),
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
        ...['chroot', `--userspec=${config.User}`, '/mnt', ...argv],
      ],
      remove: () => void output([...buildah, 'rm', container]),
    };
  },
};

/** The base image, once: `debootstrap` takes minutes. */
function createBase(): void {
  const images = output([...buildah, 'images', '--format', '{{.Name}}:{{.Tag}}']);
  if (images.split('\n').includes(base)) return;
  mkdirSync(tools, { recursive: true });
  const directory = join(tools, suite);
  if (!existsSync(directory)) output(['debootstrap', '--variant=minbase', suite, directory]);
  const container = output([...buildah, 'from', 'scratch']);
  output([...buildah, 'add', '--quiet', container, directory, '/']);
  if (existsSync(certificates)) {
    output([...buildah, 'copy', '--quiet', container, certificates, certificatesInside]);
    const variables = certificateVariables.flatMap((name) => ['--env', `${name}=${certificatesInside}`]);
    output([...buildah, 'config', ...variables, container]);
  }
  output([...buildah, 'commit', '--quiet', container, base]);
  output([...buildah, 'rm', container]);
  output(['rm', '-rf', directory]);
}
