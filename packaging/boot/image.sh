#!/bin/bash
# image.sh DIRECTORY FILE...: creates a Debian machine: DIRECTORY/disk.img, DIRECTORY/vmlinuz and
# DIRECTORY/initrd.
#
# Copies the FILEs to the machine's /opt/boot_test; one of them is guest.sh, which the machine runs
# at each boot. Does not install cpuagg. Needs root, debootstrap and e2fsprogs. Run it in a mount
# namespace of its own (`unshare --mount`), so that no mount outlives it. Debian's packages come
# from BOOT_MIRROR, or from debootstrap's default; BOOT_BASE names a tar file that keeps them for
# the next time.
set -euo pipefail
directory=$1
shift
root=$directory/root
base=${BOOT_BASE:-}

packages=systemd,systemd-sysv,udev,kmod,dbus,linux-image-cloud-amd64,initramfs-tools,e2fsprogs,procps,strace
# cpuagg's dependencies, since the machine has no network, and libcurl4, which it recommends.
packages+=,init-system-helpers,cron,acct,libbz2-1.0,libisal2,liblzma5,libzstd1,zlib1g,libutf8proc2,libstdc++6,libcurl4
# What the server in Telegram's place is linked with.
packages+=,libcpp-httplib0.11,libpng16-16

mkdir "$root"
if [ -n "$base" ] && [ -e "$base" ]; then
  tar --extract --file="$base" --directory="$root" --numeric-owner
else
  debootstrap --variant=minbase --include="$packages" bookworm "$root" ${BOOT_MIRROR:+"$BOOT_MIRROR"} >"$directory/debootstrap.log" ||
    { tail -n 20 "$directory/debootstrap.log" >&2; exit 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*_Packages
  if [ -n "$base" ]; then
    tar --create --file="$base.$$" --directory="$root" --numeric-owner --one-file-system . && mv "$base.$$" "$base"
  fi
fi

echo boottest >"$root/etc/hostname"
echo '/dev/vda / ext4 defaults 0 1' >"$root/etc/fstab"
install -d "$root/opt/boot_test"
install -m 755 "$@" "$root/opt/boot_test/"
cat >"$root/etc/systemd/system/boot_test.service" <<'UNIT'
[Unit]
Description=The story of the boot test
After=multi-user.target acct.service

[Service]
ExecStart=/opt/boot_test/guest.sh
StandardOutput=append:/var/log/boot_test.log
StandardError=inherit

[Install]
WantedBy=multi-user.target
UNIT

mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
chroot "$root" useradd --create-home --uid 1000 alice
chroot "$root" useradd --create-home --uid 1001 bob
chroot "$root" systemctl --quiet enable boot_test.service acct.service 2>/dev/null
# Units that would only take time.
chroot "$root" systemctl --quiet mask serial-getty@ttyS0.service getty@tty1.service apt-daily.timer \
  apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer 2>/dev/null
# Includes only what this machine needs in its initramfs, so that it is small.
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
printf 'virtio_pci\nvirtio_blk\next4\n' >>"$root/etc/initramfs-tools/modules"
chroot "$root" update-initramfs -u >"$directory/initramfs.log" 2>&1 || { cat "$directory/initramfs.log" >&2; exit 1; }
umount "$root/proc"
trap - EXIT

cp "$root"/boot/vmlinuz-* "$directory/vmlinuz"
cp "$root"/boot/initrd.img-* "$directory/initrd"
# Without a mount, a loop device or a boot loader.
mke2fs -q -F -t ext4 -d "$root" "$directory/disk.img" 1500M >/dev/null
rm -rf --one-file-system "$root"
