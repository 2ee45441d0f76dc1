#!/bin/sh
# Installs what is missing: npm packages into node_modules/, nats-server into .tools/ (from Debian's
# package, unpacked and not installed, so that no root and no service is needed). Says what it does.
set -eu
cd "$(dirname "$0")/.."

fail() { echo "setup: $*" >&2; exit 1; }

command -v node >/dev/null || fail 'Node is missing: install Node 20.19 or newer'
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node $(node --version) is too old: install 20.19 or newer"

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  echo 'setup: installing npm packages'
  # Not `npm ci`: that refuses a lock file in which optional packages of other platforms are missing.
  npm install --no-save --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
# npx looks here first; without it each call would install the package into npx's own cache.
mkdir -p node_modules/.bin
ln -sf ../../dist/tptctl/main.js node_modules/.bin/tptctl

have_nats() { command -v nats-server >/dev/null || [ -x .tools/usr/sbin/nats-server ]; }

if ! have_nats && command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
  echo 'setup: fetching nats-server'
  mkdir -p .tools
  fetch() { (cd .tools && apt-get download -qq nats-server >/dev/null 2>&1); }
  fetch || { [ "$(id -u)" = 0 ] && apt-get update -qq >/dev/null 2>&1 && fetch; } || true
  for package in .tools/nats-server_*.deb; do
    [ -f "$package" ] && dpkg -x "$package" .tools && rm "$package"
  done
fi
have_nats || echo 'setup: nats-server could not be had; changes will be found by the sweep, about a second later (apt-get install nats-server)' >&2
