# copy_of_machine.sh: makes $root, a temporary copy of this machine, as an overlay in a mount
# namespace, without anything of cpuagg's. Source it after check.sh, with the test's arguments. In
# the copy, systemctl is replaced by a script that records its arguments.
# shellcheck shell=bash

[ "$(id -u)" = 0 ] || skip "only root can install packages"
if [ -z "${IN_NAMESPACE:-}" ]; then
  unshare --mount --propagation private true 2>/dev/null || skip "no mount namespace can be made here"
  IN_NAMESPACE=yes exec unshare --mount --propagation private "$0" "$@"
fi
mount -t tmpfs tmpfs "$TEST_TMPDIR" || skip "no tmpfs can be mounted here"
mkdir "$TEST_TMPDIR"/{upper,work,root}
root=$TEST_TMPDIR/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$TEST_TMPDIR/upper,workdir=$TEST_TMPDIR/work" "$root" 2>/dev/null ||
  skip "no overlay can be mounted here"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }

# Removes any installation of cpuagg from the copy.
rm -rf "$root/etc/cpuagg" "$root/var/lib/cpuagg" "$root"/etc/systemd/system/*/cpuagg-*
sed -i '/^cpuagg:/d' "$root/etc/passwd" "$root/etc/group" "$root/etc/shadow" "$root/etc/gshadow"
mkdir -p "$root/run/systemd/system" "$root/etc/systemd/system/timers.target.wants" "$root/etc/cron.d"
rm -f "$root/usr/sbin/policy-rc.d"
cat >"$root/usr/bin/systemctl" <<'SYSTEMCTL'
#!/bin/sh
for unit; do :; done
case " $* " in
  *" is-enabled "*)
    [ -L "/etc/systemd/system/timers.target.wants/$unit" ] || exit 1
    case " $* " in *" --quiet "*) ;; *) echo enabled ;; esac ;;
  *" is-active "*) exit 3 ;;
  *) echo "$*" | sed 's/--[a-z]* *//g' >>/tmp/systemctl.log ;;
esac
SYSTEMCTL
chmod 755 "$root/usr/bin/systemctl"

# The requests to systemd since the last call, one per line.
asked() {
  cat "$root/tmp/systemctl.log" 2>/dev/null
  rm -f "$root/tmp/systemctl.log"
}

# run_dpkg WORD...: runs dpkg; $output is its output.
run_dpkg() {
  output=$(in_root dpkg "$@" 2>&1) || failed "dpkg $*:
$output"
}

# The owners and modes of what an installation creates.
modes() {
  in_root stat -c '%U:%G %a %n' /etc/cpuagg /etc/cpuagg/bot_token /etc/cpuagg/cpuagg.env /var/lib/cpuagg
}
# shellcheck disable=SC2034  # the tests look at it
as_made="root:root 755 /etc/cpuagg
root:root 600 /etc/cpuagg/bot_token
root:cpuagg 640 /etc/cpuagg/cpuagg.env
cpuagg:cpuagg 750 /var/lib/cpuagg"
