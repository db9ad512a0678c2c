#!/bin/sh
# Installs codexd @VERSION@ on macOS or Linux, replaces an older version, or removes it:
#   install.sh [--prefix DIR] [--version VERSION] [--uninstall]
# Nothing runs before the last line, so a download that was cut off does nothing.
set -eu

base_url='@BASE_URL@'
release='@VERSION@'

usage() {
  cat <<EOF
Installs codexd, or replaces an older version.

Usage: install.sh [--prefix DIR] [--version VERSION] [--uninstall]

  --prefix DIR       Install to DIR/bin and DIR/share (default /usr/local if you can write there, else ~/.local).
  --version VERSION  Install another release than $release.
  --uninstall        Remove codexd. Settings and logins stay.
EOF
}

say() { printf '%s\n' "$*"; }

# fail MESSAGE ADVICE
fail() {
  printf 'Error: %s\n%s\n' "$1" "$2" >&2
  exit 1
}

usage_error() {
  printf 'Error: %s\nRun install.sh --help for the options.\n' "$1" >&2
  exit 2
}

has() { command -v "$1" >/dev/null 2>&1; }

find_target() {
  system=$(uname -s)
  machine=$(uname -m)
  case $system in
    Darwin) system=darwin ;;
    Linux) system=linux ;;
    MINGW* | MSYS* | CYGWIN*)
      fail 'This script does not install on Windows.' "In PowerShell, run: irm $base_url/v$release/install.ps1 | iex"
      ;;
    *) fail "codexd is not available for $system." 'It runs on macOS, Linux and Windows.' ;;
  esac
  case $machine in
    x86_64 | amd64) machine=x64 ;;
    arm64 | aarch64) machine=arm64 ;;
    *) fail "codexd is not available for $machine processors." 'It runs on x86-64 and 64-bit ARM.' ;;
  esac
  # A shell under Rosetta reports the processor that Rosetta simulates.
  if [ "$system" = darwin ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then machine=arm64; fi
  libc=
  if [ "$system" = linux ] && uses_musl; then libc=-musl; fi
  target=$system-$machine$libc
}

# Systems with glibc may have musl's loader too.
uses_musl() {
  if getconf GNU_LIBC_VERSION >/dev/null 2>&1; then return 1; fi
  for loader in /lib/ld-musl-*; do [ -e "$loader" ] && return 0; done
  return 1
}

# download URL FILE
download() {
  if has curl; then
    status=0
    curl -fsSL --retry 2 --connect-timeout 20 -o "$2" "$1" || status=$?
    refused=22
  elif has wget; then
    status=0
    wget -q -O "$2" "$1" || status=$?
    refused=8
  else
    fail 'Neither curl nor wget was found.' 'Install one of them and try again.'
  fi
  [ "$status" != 0 ] || return 0
  if [ "$status" = "$refused" ]; then
    fail "Could not download $1: the server refused." 'Check the version, or try again later.'
  fi
  fail "Could not download $1." 'Check your network connection, and HTTPS_PROXY if you use a proxy.'
}

sha256_of() {
  if has sha256sum; then
    sha256sum "$1" | cut -d ' ' -f 1
  elif has shasum; then
    shasum -a 256 "$1" | cut -d ' ' -f 1
  elif has openssl; then
    openssl dgst -sha256 -r "$1" | cut -d ' ' -f 1
  else
    fail 'No program to verify the download was found.' 'Install sha256sum, shasum or openssl and try again.'
  fi
}

# An installation is replaced and removed where it is. Homebrew's is a link.
is_ours() { [ -f "$1/bin/codexd" ] && [ ! -L "$1/bin/codexd" ]; }

choose_prefix() {
  if [ -n "$prefix" ]; then
    case $prefix in
      /*) ;;
      *) prefix=$PWD/$prefix ;;
    esac
  elif is_ours "${HOME:-}/.local"; then
    prefix=$HOME/.local
  elif is_ours /usr/local || [ -w /usr/local/bin ]; then
    prefix=/usr/local
  elif [ -n "${HOME:-}" ]; then
    prefix=$HOME/.local
  else
    fail 'HOME is not set.' 'Use --prefix DIR.'
  fi
}

# The files of an installation, relative to the prefix.
files='bin/codexd
share/man/man1/codexd.1
share/bash-completion/completions/codexd
share/zsh/site-functions/_codexd
share/fish/vendor_completions.d/codexd.fish'
documents=share/doc/codexd

cannot_write() {
  fail "Cannot write to $1." 'Choose another directory with --prefix DIR, or run this as a user who may write there.'
}

# place SOURCE FILE: replaced in one step, because a running codexd may be using the old one.
place() {
  folder=$prefix/$(dirname "$2")
  mkdir -p "$folder" 2>/dev/null || cannot_write "$folder"
  cp "$1" "$folder/.codexd-new.$$" 2>/dev/null || cannot_write "$folder"
  mv -f "$folder/.codexd-new.$$" "$prefix/$2"
}

install() {
  find_target
  mkdir -p "$prefix/bin" 2>/dev/null || cannot_write "$prefix/bin"
  [ -w "$prefix/bin" ] || cannot_write "$prefix/bin"

  archive=codexd-$target.tar.gz
  url=$base_url/v$version
  # Not in /tmp, from which some systems run no programs.
  work=$(mktemp -d "$prefix/bin/.codexd-install.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  say "Downloading codexd $version for $target."
  download "$url/SHA256SUMS" "$work/SHA256SUMS"
  download "$url/$archive" "$work/$archive"
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\$/\1/p" "$work/SHA256SUMS")
  [ -n "$expected" ] || fail "SHA256SUMS has no checksum for $archive." 'The release is incomplete; try again later.'
  actual=$(sha256_of "$work/$archive")
  if [ "$actual" != "$expected" ]; then
    fail "The checksum of $archive is $actual and not $expected, so nothing was installed." \
      'The download is damaged or was changed; try again, on another network if it persists.'
  fi
  tar -xzf "$work/$archive" -C "$work"
  unpacked=$work/codexd-$version-$target

  chmod 755 "$unpacked/codexd"
  if ! new=$("$unpacked/codexd" --version 2>"$work/error"); then
    sed 's/^/  /' "$work/error" >&2
    advice='See the error above.'
    case $target in *-musl) advice='It needs the C++ library: apk add libstdc++' ;; esac
    fail "codexd does not run on this machine, so nothing was installed." "$advice"
  fi
  old=
  [ ! -e "$prefix/bin/codexd" ] || old=$("$prefix/bin/codexd" --version 2>/dev/null) || old='an older version'

  place "$unpacked/codexd.1" share/man/man1/codexd.1
  place "$unpacked/completions/codexd.bash" share/bash-completion/completions/codexd
  place "$unpacked/completions/_codexd" share/zsh/site-functions/_codexd
  place "$unpacked/completions/codexd.fish" share/fish/vendor_completions.d/codexd.fish
  mkdir -p "$prefix/$documents" 2>/dev/null || cannot_write "$prefix/$documents"
  cp -R "$unpacked/LICENSE" "$unpacked/THIRD-PARTY.md" "$unpacked/licenses" "$prefix/$documents/"
  place "$unpacked/codexd" bin/codexd

  if [ -z "$old" ]; then
    say "Installed $new to $prefix/bin/codexd."
  elif [ "$old" = "$new" ]; then
    say "Installed $new to $prefix/bin/codexd again."
  else
    say "Replaced $old with $new in $prefix/bin/codexd. Restart a running daemon to use it."
  fi
  next_steps
}

next_steps() {
  found=$(command -v codexd || true)
  case :$PATH: in
    *":$prefix/bin:"*)
      if [ -n "$found" ] && [ "$found" != "$prefix/bin/codexd" ]; then
        say "Another codexd comes first on your PATH: $found. Remove it, or put $prefix/bin before it."
      fi
      ;;
    *)
      say "$prefix/bin is not on your PATH. Add this line to the start-up file of your shell:"
      say "  export PATH=\"$prefix/bin:\$PATH\""
      ;;
  esac
  say 'Next:'
  say '  codexd login            log in with your ChatGPT account'
  say '  codexd ask "Hello."     ask a question'
  say '  codexd serve            start the daemon'
}

uninstall() {
  if [ ! -e "$prefix/bin/codexd" ]; then
    fail "codexd is not installed in $prefix." 'Name the prefix that it was installed to with --prefix DIR.'
  fi
  [ -w "$prefix/bin" ] || cannot_write "$prefix/bin"
  for file in $files; do rm -f "$prefix/$file"; done
  rm -rf "${prefix:?}/$documents"
  say "Removed codexd from $prefix."
  say 'Settings and logins are still in the codexd directories of ~/.config, ~/.local/state and ~/.cache.'
}

main() {
  prefix=
  version=$release
  action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix | --version)
        [ $# -ge 2 ] || usage_error "$1 requires a value."
        if [ "$1" = --prefix ]; then prefix=$2; else version=${2#v}; fi
        shift
        ;;
      --prefix=*) prefix=${1#*=} ;;
      --version=*)
        version=${1#*=}
        version=${version#v}
        ;;
      --uninstall) action=uninstall ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) usage_error "Unknown option $1." ;;
    esac
    shift
  done
  case $version in
    '' | *[!0-9A-Za-z.+-]*) usage_error "\"$version\" is not a version." ;;
  esac
  choose_prefix
  $action
}

main "$@"
