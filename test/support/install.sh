#!/bin/sh
# Installs by apt what the interop tests talk to. Does nothing when all of it is there, or when not root: the
# tests that need a missing program are then skipped, each with its reason.
set -eu

programs="bird:bird2 bgpd:openbgpd gobgpd:gobgpd exabgp:exabgp exabgp-healthcheck:exabgp nginx:nginx-light ip:iproute2
  prometheus-bird-exporter:prometheus-bird-exporter curl:curl chromium:chromium prometheus:prometheus promtool:prometheus tcpdump:tcpdump systemd-analyze:systemd dpkg-deb:dpkg
  pgrep:procps iptables:iptables lintian:lintian stayrtr:stayrtr bgpdump:bgpdump tshark:tshark pmbmpd:pmacct"

PATH="$PATH:/usr/sbin:/sbin"
missing=""
for pair in $programs; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -x /usr/lib/frr/bgpd ] || missing="$missing frr"
ls /usr/lib/*/frr/modules/bgpd_rpki.so >/dev/null 2>&1 || missing="$missing frr-rpki-rtrlib"
/usr/bin/python3 -c 'import mrtparse' 2>/dev/null || missing="$missing python3-mrtparse"
# BIRD 1.6 must not be installed beside BIRD 2: its package is unpacked in a folder of its own.
bird1=/var/lib/fingerpost-test/bird-1.6
[ -x "$bird1/usr/sbin/bird" ] || missing="$missing bird-1.6"
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
packages="${missing% bird-1.6}"
if [ "$packages" != "$missing" ]; then
  mkdir -p "$bird1"
  (cd "$bird1" && apt-get "$@" download bird 2>/dev/null && dpkg-deb -x bird_*.deb . && rm bird_*.deb) ||
    echo "interop: BIRD 1.6 cannot be had here" >&2
fi
# shellcheck disable=SC2086
[ -z "$packages" ] || apt-get "$@" install -y --no-install-recommends $packages >/dev/null
