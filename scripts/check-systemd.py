"""Runs codexd as deploy/systemd/codexd.service would: as an unprivileged user without capabilities, on a read-only root with /tmp
and state of its own and a reduced /proc, behind the unit's filter of system calls and address families, with its credentials. It
must become ready, answer the watchdog, a chat and a SILK file, reload and stop. scripts/check-systemd starts this in a namespace."""

import base64
import ctypes
import json
import os
import re
import seccomp
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request

unit = open('deploy/systemd/codexd.service').read()
user = 61234
key = 'a-key-made-for-this-check'
root = '/mnt'


def values(name):
    return re.findall(rf'^{name}=(.*)$', unit, re.M)


def calls_in(word):
    """The system calls of a word of SystemCallFilter: a name, or a group such as @system-service."""
    if not word.startswith('@'):
        return {word}
    command = ['systemd-analyze', 'syscall-filter', word]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[1:]
    words = [line.strip() for line in listed if line.strip() and not line.strip().startswith('#')]
    return set().union(*map(calls_in, words))


def allowed_calls():
    allowed = set()
    for line in values('SystemCallFilter'):
        named = set().union(*map(calls_in, line.lstrip('~').split()))
        allowed = allowed - named if line.startswith('~') else allowed | named
    return allowed


def prepare(binary):
    """Lays out a read-only root with one writable directory, and returns that."""
    work = tempfile.mkdtemp(prefix='codexd-check-', dir='/var/tmp')
    os.chmod(work, 0o755)
    subprocess.run(['cp', binary, f'{work}/codexd'], check=True)
    for path in ('state/codexd', 'cache/codexd', 'credentials'):
        os.makedirs(f'{work}/{path}')
        os.chown(f'{work}/{path}', user, user)
    for name, text in (('server.api_key', f'{key}\n'), ('auth.auth_json', '\n')):
        with open(f'{work}/credentials/{name}', 'w') as file:
            file.write(text)
        os.chown(file.name, user, user)
        os.chmod(file.name, 0o400)
    for words in (
        ['--bind', '/', root],
        ['-o', 'remount,bind,ro', root],
        ['--bind', work, root + work],
        ['--rbind', '/dev', f'{root}/dev'],
        ['-t', 'tmpfs', '-o', 'mode=1777', 'tmpfs', f'{root}/tmp'],
        ['-t', 'proc', '-o', 'subset=pid,hidepid=invisible', 'proc', f'{root}/proc'],
    ):
        subprocess.run(['mount', *words], check=True)
    return work


def restrict(allowed):
    os.chroot(root)
    os.chdir('/')
    libc = ctypes.CDLL(None)
    for capability in range(41):
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    os.umask(int(values('UMask')[0], 8))
    libc.prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
    rules = seccomp.SyscallFilter(seccomp.ERRNO(1))  # EPERM
    for name in allowed - {'socket'}:
        try:
            rules.add_rule(seccomp.ALLOW, name)
        except (RuntimeError, OSError):
            pass  # of another architecture, or newer than the library
    for name in values('RestrictAddressFamilies')[0].split():
        rules.add_rule(seccomp.ALLOW, 'socket', seccomp.Arg(0, seccomp.EQ, getattr(socket, name)))
    rules.load()


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as server:
        return server.getsockname()[1]


def request(port, path, body):
    headers = {'authorization': f'Bearer {key}', 'content-type': 'application/json'}
    sent = urllib.request.Request(f'http://127.0.0.1:{port}{path}', json.dumps(body).encode(), headers)
    return json.load(urllib.request.urlopen(sent, timeout=60))


def main(binary):
    allowed, port = allowed_calls(), free_port()
    work = prepare(binary)
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(f'{work}/notify')
    manager.settimeout(60)
    os.chmod(f'{work}/notify', 0o666)

    def expect(state):
        while True:
            message = manager.recv(4096).decode().strip()
            if message.startswith(state):
                return print('notified:', message.replace('\n', ', '), flush=True)

    environment = {
        'PATH': '/usr/bin:/bin',
        'HOME': f'{work}/state/codexd',
        'XDG_STATE_HOME': f'{work}/state',
        'XDG_CACHE_HOME': f'{work}/cache',
        'XDG_CONFIG_HOME': '/etc',
        'CREDENTIALS_DIRECTORY': f'{work}/credentials',
        'NOTIFY_SOCKET': f'{work}/notify',
        'WATCHDOG_USEC': '400000',
        'CODEXD_LISTEN': f'127.0.0.1:{port}',
    }
    command = [f'{work}/codexd', 'serve', '--demo']
    child = subprocess.Popen(command, env=environment, preexec_fn=lambda: restrict(allowed))
    try:
        expect('READY=1')
        expect('WATCHDOG=1')
        chat = {'model': 'gpt-5.5', 'messages': [{'role': 'user', 'content': 'Say plover.'}]}
        print('chat:', request(port, '/v1/chat/completions', chat)['choices'][0]['message']['content'])
        with open('test/fixtures/silk/20ms-plain.silk', 'rb') as file:
            recording = {'data': base64.b64encode(file.read()).decode(), 'format': 'silk'}
        print('transcript:', request(port, '/v1/audio/transcriptions', {'model': 'whisper-1', 'input_audio': recording})['text'])
        child.send_signal(signal.SIGHUP)
        expect('RELOADING=1')
        expect('READY=1')
        child.send_signal(signal.SIGTERM)
        expect('STOPPING=1')
        status = child.wait(60)
        print('exit status:', status)
        return status
    finally:
        child.kill()
        subprocess.run(['umount', '-R', root])
        subprocess.run(['rm', '-rf', work])


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
