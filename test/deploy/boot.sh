#!/bin/sh
# Runs as process 1 of new namespaces: this machine's files with a layer of memory over them, no network but
# loopback, and systemd. Takes the folder to mount on, and the name of its cgroup.
set -eu

here=$1
mount -t tmpfs tmpfs "$here"
mkdir "$here/upper" "$here/work" "$here/root" "$here/cgroup"

# A cgroup of its own, to be removed as a whole. The namespace of cgroups is to begin there.
mount -t cgroup2 cgroup2 "$here/cgroup"
mkdir "$here/cgroup/$2"
echo 0 >"$here/cgroup/$2/cgroup.procs"
umount "$here/cgroup"

mount -t overlay overlay -o "lowerdir=/,upperdir=$here/upper,workdir=$here/work" "$here/root"
cd "$here/root"
# What would reach the kernel that the machine shares with us.
for unit in kmod-static-nodes systemd-modules-load systemd-sysctl systemd-udev-trigger systemd-udevd; do
  ln -sf /dev/null "etc/systemd/system/$unit.service"
done
# Where packages are installed into images nothing may start; here it should.
rm -f usr/sbin/policy-rc.d
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
for folder in run tmp dev; do mount -t tmpfs tmpfs "$folder"; done
for device in null zero full random urandom tty; do
  : >"dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm run/outside
ln -s pts/ptmx dev/ptmx
ip link set lo up
exec unshare --cgroup /bin/sh -euc '
  mount -t cgroup2 cgroup2 sys/fs/cgroup
  pivot_root . run/outside
  cd /
  umount -l /run/outside
  exec /lib/systemd/systemd --system --unit=sysinit.target --log-target=journal --show-status=0'
