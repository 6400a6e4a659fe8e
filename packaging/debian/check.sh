#!/usr/bin/env bash
# check.sh DEBS MODELS PORTRAIT: installs the packages of the folder DEBS into a new Debian 12, tries
# what they bring there with the models of the folder MODELS, and removes them. Needs root, debootstrap
# and the network, and takes some minutes. DEBIAN_MIRROR is where Debian is had from.
set -euo pipefail

# --- In the new system ---

title() { printf -- '-- %s\n' "$*"; }

apt() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 --no-install-recommends "$@" >/dev/null
}

# Fails if there is a line on the standard input, and shows it.
nothing() { if grep .; then return 1; fi; }

try_command() {
  title 'The command'
  backdrop --version
  backdrop models | grep -c 'installed  yes'
  backdrop composite portrait.jpg -o blurred.jpg
  backdrop composite portrait.jpg -o cutout.png --transparent
  ls -l blurred.jpg cutout.png
}

try_library() {
  title 'A C program, with pkg-config'
  # shellcheck disable=SC2046
  cc -std=c11 consumer.c -o consumer $(pkg-config --cflags --libs backdrop)
  ./consumer gl
}

try_element() {
  title 'The GStreamer element'
  gst-inspect-1.0 backdrop | sed -n '/Long-name\|Filename\|Version/p'
  gst-launch-1.0 -q filesrc location=portrait.jpg ! jpegdec ! videoconvert ! \
    backdrop background=transparent ! pngenc ! filesink location=element.png
  ls -l element.png
}

try_filter() {
  title 'The OBS filter'
  # shellcheck disable=SC2046
  cc obs_host.c -o obs_host $(pkg-config --cflags --libs libobs x11)
  xvfb-run -a ./obs_host 2>&1 | grep '^backdrop'
}

try_manual() {
  title 'Manual pages, completion, AppStream, the unit'
  local page
  for page in backdrop backdrop-{models,infer,matte,composite,camera}; do
    man -w "$page" >/dev/null
  done
  man backdrop composite | grep -q -- --background-video
  whatis backdrop-camera
  bash -ic 'source /usr/share/bash-completion/bash_completion
    _completion_loader backdrop || [[ $? == 124 ]]
    COMP_WORDS=(backdrop composite --fit ""); COMP_CWORD=3
    _backdrop; [[ ${COMPREPLY[*]} == "contain cover" ]]' 2>/dev/null
  appstreamcli refresh-cache --force >/dev/null
  appstreamcli get org.backdrop.backdrop
  appstreamcli get com.obsproject.Studio.Plugin.Backdrop
  systemd-analyze --user verify /usr/lib/systemd/user/backdrop-camera.service
}

check_libraries() {
  title 'Libraries that are missing'
  local folder
  folder=/usr/lib/$(uname -m)-linux-gnu
  ldd /usr/bin/backdrop "$folder"/{libbackdrop.so.0.*,gstreamer-1.0/libgstbackdrop.so} \
    "$folder/obs-plugins/backdrop.so" | sed -n '/not found/p' | nothing
}

remove_all() {
  title 'What is left after purging'
  local packages
  mapfile -t packages < <(dpkg-query -W -f '${Package}\n' '*backdrop*')
  apt purge "${packages[@]}"
  { dpkg-query -W '*backdrop*' 2>/dev/null || true; } | nothing
  # What man has formatted before is man's own.
  find / -xdev \( -path /proc -o -path /check -o -path /var/cache/man \) -prune -o \
    -iname '*backdrop*' -print | nothing
}

within() {
  cd /check
  export BACKDROP_MODELS=/check/models XDG_RUNTIME_DIR=/tmp LC_ALL=C.UTF-8
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d # no service is started here
  chmod 755 /usr/sbin/policy-rc.d
  title 'Installing the packages'
  apt update
  apt install ./debs/*.deb
  check_libraries
  try_command
  title 'Installing what the other checks need'
  apt install gcc libc6-dev pkgconf man-db bash-completion appstream systemd \
    gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good \
    libobs-dev libx11-dev xvfb xauth libgl1-mesa-dri
  try_library
  try_element
  try_filter
  try_manual
  remove_all
  title 'All is well'
}

# --- Outside ---

leave() {
  umount "$root/proc" 2>/dev/null || true
  rm -rf --one-file-system "$root"
}

main() {
  local debs=$1 models=$2 portrait=$3 here
  here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
  root=$(mktemp -d)
  chmod 755 "$root" # apt drops its rights
  trap leave EXIT
  title "Debian 12 in $root"
  debootstrap --variant=minbase bookworm "$root" \
    "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$root.log" 2>&1 ||
    { cat "$root.log"; return 1; }
  rm -f "$root.log"
  mkdir -p "$root/check"
  cp -r "$debs" "$root/check/debs"
  cp -r "$models" "$root/check/models"
  cp "$portrait" "$root/check/portrait.jpg"
  cp "$here"/../../test/install/{consumer/consumer.c,obs_host.c} "$root/check"
  cp "${BASH_SOURCE[0]}" "$root/check/check.sh"
  mount -t proc proc "$root/proc"
  chroot "$root" /bin/bash /check/check.sh --within
}

if [[ ${1-} == --within ]]; then within; else main "$@"; fi
