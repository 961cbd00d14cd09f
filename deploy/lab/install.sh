#!/bin/sh
# Installs with apt what the lab needs. Does nothing if all of it is there, or if it cannot install anything: lab.ts
# then says what is missing.
set -eu

PATH="$PATH:/usr/sbin:/sbin"
missing=""
for pair in bird:bird2 exabgp:exabgp exabgp-healthcheck:exabgp nginx:nginx-light ip:iproute2 curl:curl; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -x /usr/lib/frr/bgpd ] || missing="$missing frr"
[ -n "$missing" ] || exit 0
[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || exit 0

# Debian's packages start a daemon as they are installed; 101 from policy-rc.d keeps them quiet.
if [ ! -e /usr/sbin/policy-rc.d ]; then
  trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
  chmod 755 /usr/sbin/policy-rc.d
fi
export DEBIAN_FRONTEND=noninteractive
echo "lab: installing$missing" >&2
# A mirror may be unreachable for a moment, or another apt may be running.
set -- -qq -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300
apt-get "$@" update >&2
# shellcheck disable=SC2086
apt-get "$@" install -y --no-install-recommends $missing >/dev/null
