#!/bin/sh
# Installs by apt what the interop tests talk to. Does nothing when all of it is there, or when not root: the
# tests that need a missing program are then skipped, each with its reason.
set -eu

programs="bird:bird2 bgpd:openbgpd gobgpd:gobgpd exabgp:exabgp exabgp-healthcheck:exabgp nginx:nginx-light ip:iproute2
  prometheus-bird-exporter:prometheus-bird-exporter curl:curl chromium:chromium prometheus:prometheus promtool:prometheus tcpdump:tcpdump systemd-analyze:systemd dpkg-deb:dpkg
  pgrep:procps"

PATH="$PATH:/usr/sbin:/sbin"
missing=""
for pair in $programs; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -x /usr/lib/frr/bgpd ] || missing="$missing frr"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "interop: not root, or no apt here; missing:$missing" >&2
  exit 0
fi

# Debian's packages start a daemon as they are installed; 101 from policy-rc.d keeps them quiet.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive
echo "interop: installing$missing" >&2
# A mirror may be away for a moment, another apt at work.
set -- -qq -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300
apt-get "$@" update >&2
# shellcheck disable=SC2086
apt-get "$@" install -y --no-install-recommends $missing >/dev/null
