#!/bin/sh
# Runs the Bun that package.json names, fetching it from the npm registry into .tools/ when it is missing or another version.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
want=$(sed -n 's/.*"packageManager": *"bun@\([^"]*\)".*/\1/p' "$root/package.json")
bun=${BUN:-$(command -v bun || true)}
if [ -z "$bun" ] || [ "$("$bun" --version 2>/dev/null)" != "$want" ]; then
  tool="$root/.tools/bun-$want"
  bun="$tool/node_modules/.bin/bun"
  if [ "$("$bun" --version 2>/dev/null || true)" != "$want" ]; then
    echo "fetching bun $want" >&2
    mkdir -p "$tool"
    printf '{"private":true,"allowScripts":{"bun":true}}\n' >"$tool/package.json"
    npm install --prefix "$tool" --no-audit --no-fund --no-package-lock --no-update-notifier --ignore-scripts=false --loglevel=error "bun@$want" >&2
  fi
fi
exec "$bun" "$@"
