#!/usr/bin/env bash
# Unpacks the libraries that the tests need (scripts/packages.txt, group `libraries`) for another of
# Debian's architectures, arm64 or armhf, in build/libraries/ARCHITECTURE. Nothing is installed: this
# system's apt and dpkg learn nothing of the architecture.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly architecture=$1 libraries=build/libraries/$1

[[ ! $libraries -nt scripts/packages.txt ]] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists,cache/archives}/partial "$work"/{packages,root}
: >"$work/status"

foreign_apt() {
  apt-get -q -o Dir::State="$work/state" -o Dir::State::status="$work/status" \
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)" \
    -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" "$@"
}

# A list that cannot be had need not matter.
foreign_apt update || true
mapfile -t packages < <(sed -n 's/^libraries  *//p' scripts/packages.txt | tr ' ' '\n')
(cd "$work/packages" && foreign_apt download "${packages[@]}")
for package in "$work"/packages/*.deb; do dpkg-deb --extract "$package" "$work/root"; done

rm -rf "$libraries"
mkdir -p build/libraries
cp -R "$work/root" "$libraries"
