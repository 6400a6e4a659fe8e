# To be sourced by a script that has made a temporary `folder`: goes there, removes it when the script ends, unpacks
# pinned packages of Debian 12 there, and compiles C programs against them. What they depend on is taken from the
# system, with gcc and GLib's headers.
# shellcheck disable=SC2034 # arrays for whoever sources this
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
root=$folder/root
libraries=$root/usr/lib/$(gcc -print-multiarch)

take() { # NAME=VERSION...
  printf '%s\n' "$@"
  apt-get download -qq -o APT::Sandbox::User=root "$@"
  for package in ./*.deb; do dpkg -x "$package" root; done
  export LD_LIBRARY_PATH=$libraries
}

compile() { # NAME FLAG...: the program on the standard input
  gcc -Wall -x c - -x none -o "$1" -L"$libraries" "${@:2}"
}

hold() { # OUTPUT PATTERN...: one for each line
  printf '%s\n' "$1"
  local lines line
  mapfile -t lines <<<"$1"
  shift
  (($# == ${#lines[@]})) || { echo 'changed: another number of lines' >&2; exit 1; }
  for line in "${lines[@]}"; do
    [[ $line =~ ^$1$ ]] || { printf 'changed: %s, expected %s\n' "$line" "$1" >&2; exit 1; }
    shift
  done
}

take_gstreamer() { # compile with "${gstreamer[@]}"; GStreamer has no plugins
  take libgstreamer1.0-0=1.22.0-2+deb12u1 libgstreamer1.0-dev=1.22.0-2+deb12u1 \
    libgstreamer-plugins-base1.0-0=1.22.0-3+deb12u7 libgstreamer-plugins-base1.0-dev=1.22.0-3+deb12u7
  mapfile -t gstreamer < <(pkg-config --cflags --libs gobject-2.0 | xargs -n 1)
  gstreamer+=(-I"$root/usr/include/gstreamer-1.0" -lgstvideo-1.0 -lgstbase-1.0 -lgstcheck-1.0 -lgstreamer-1.0)
  export GST_REGISTRY_1_0=$folder/registry GST_PLUGIN_SYSTEM_PATH_1_0=$folder/no-plugins
}

take_pipewire() { # compile with "${pipewire[@]}"; a daemon runs until the script ends
  take libpipewire-0.3-0=0.3.65-3+deb12u1 libpipewire-0.3-dev=0.3.65-3+deb12u1 pipewire-bin=0.3.65-3+deb12u1 \
    libpipewire-0.3-modules=0.3.65-3+deb12u1 libspa-0.2-modules=0.3.65-3+deb12u1 libspa-0.2-dev=0.3.65-3+deb12u1
  pipewire=(-I"$root/usr/include/pipewire-0.3" -I"$root/usr/include/spa-0.2" -I"$here" -D_REENTRANT -lpipewire-0.3)
  export PIPEWIRE_RUNTIME_DIR=$folder PIPEWIRE_MODULE_DIR=$libraries/pipewire-0.3 SPA_PLUGIN_DIR=$libraries/spa-0.2
  export PIPEWIRE_CONFIG_DIR=$root/usr/share/pipewire PIPEWIRE_DEBUG=0
  unset PIPEWIRE_REMOTE PIPEWIRE_CORE
  cat >daemon.conf <<'CONF'
context.properties = { core.daemon = true core.name = pipewire-0 support.dbus = false }
context.spa-libs = { support.* = support/libspa-support }
context.modules = [
  { name = libpipewire-module-protocol-native } { name = libpipewire-module-client-node }
  { name = libpipewire-module-access } { name = libpipewire-module-link-factory }
]
CONF
  "$root/usr/bin/pipewire" -c "$folder/daemon.conf" &
  daemon=$!
  trap 'kill "$daemon"; wait "$daemon" || true; rm -rf "$folder"' EXIT
  for _ in {1..100}; do [[ ! -S pipewire-0 ]] || return 0; sleep 0.05; done
  echo 'the daemon does not start' >&2
  exit 1
}
