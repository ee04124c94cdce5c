#!/bin/sh
# Checks an export of a stream with Go's own transparency log code.
#
#   run.sh DIR [PROOF ENTRY]
#   run.sh --build FILE       only makes the program that checks, for who has many exports to check
#
# Exit status: that of verify_export (0 holds, 1 does not hold, 2 wrong use), or 77, which ctest counts as skipped, when
# Go or Debian's golang-golang-x-mod-dev is not installed. Nothing is downloaded.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
gopath=${CHIBO_GOPATH:-/usr/share/gocode}

if ! command -v go >/dev/null || [ ! -d "$gopath/src/golang.org/x/mod/sumdb/tlog" ]; then
  echo "skipped: needs go and golang-golang-x-mod-dev" >&2
  exit 77
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Without a home directory Go has no place of its own for what it has compiled.
[ -n "${HOME:-}" ] || export GOCACHE="${GOCACHE:-$work/cache}"
program="$work/verify_export"
if [ "${1:-}" = --build ]; then program=$2; fi
GO111MODULE=off GOPATH=$gopath GOFLAGS= GOPROXY=off go build -o "$program" "$here/verify_export/main.go"
if [ "${1:-}" = --build ]; then exit 0; fi
status=0
"$program" "$@" || status=$?
exit "$status"
