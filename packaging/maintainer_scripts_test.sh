#!/bin/bash
# maintainer_scripts_test.sh DEB VERSION: installed, upgraded, removed and purged by this machine's dpkg, in a copy of this
# machine that is gone afterwards: an overlay in a mount namespace. systemctl is a double that writes down what it is asked.
set -uo pipefail
. packaging/testing/check.sh
deb=$(realpath "$1") version=$2

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

# Nothing of an installation on the machine itself.
rm -rf "$root/etc/cpuagg" "$root/var/lib/cpuagg" "$root"/etc/systemd/system/*/cpuagg-*
sed -i '/^cpuagg:/d' "$root/etc/passwd" "$root/etc/group" "$root/etc/shadow" "$root/etc/gshadow"
mkdir -p "$root/run/systemd/system" "$root/etc/systemd/system/timers.target.wants"
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

# What systemd was asked since the last time, a line each.
asked() {
  cat "$root/tmp/systemctl.log" 2>/dev/null
  rm -f "$root/tmp/systemctl.log"
}
# The owners and modes of what the package makes at installation.
modes() {
  in_root stat -c '%U:%G %a %n' /etc/cpuagg /etc/cpuagg/bot_token /etc/cpuagg/cpuagg.env /var/lib/cpuagg
}
enabled() { find "$root/etc/systemd/system/timers.target.wants" -name 'cpuagg*' -printf '%P\n'; }
run_dpkg() {
  output=$(in_root dpkg "$@" 2>&1) || failed "dpkg $*:
$output"
}
as_made="root:root 755 /etc/cpuagg
root:root 600 /etc/cpuagg/bot_token
root:cpuagg 640 /etc/cpuagg/cpuagg.env
cpuagg:cpuagg 750 /var/lib/cpuagg"

# A second version, whose conffile is another.
cp "$deb" "$root/tmp/first.deb"
dpkg-deb --raw-extract "$deb" "$TEST_TMPDIR/second"
sed -i "s/^Version: .*/Version: $version+1/" "$TEST_TMPDIR/second/DEBIAN/control"
echo "# New in the second version." >>"$TEST_TMPDIR/second/etc/cpuagg/cpuagg.env"
dpkg-deb --root-owner-group --build -Znone "$TEST_TMPDIR/second" "$root/tmp/second.deb" >/dev/null

# What is in the copy and not on the machine, but for what dpkg keeps for itself.
new_paths() {
  local path
  (cd "$TEST_TMPDIR/upper" && find . -printf '/%P\n') | while IFS= read -r path; do
    case $path in
      /var/lib/dpkg/* | /var/cache/* | /var/log/*) ;;
      *) [ -e "$path" ] || echo "$path" ;;
    esac
  done | sort
}
before=$(new_paths)

echo "--- installing"
run_dpkg --install /tmp/first.deb
expect_equal "owners and modes" "$as_made" "$(modes)"
expect_equal "the user's groups" "adm cpuagg" "$(in_root id -nG cpuagg | tr ' ' '\n' | sort | paste -sd ' ')"
expect_equal "the user" "/var/lib/cpuagg:/usr/sbin/nologin" "$(in_root getent passwd cpuagg | cut -d: -f6,7)"
expect_equal "what is enabled" "" "$(enabled)"
expect_equal "what systemd was asked" daemon-reload "$(asked)"
expect_equal "dpkg -V" "" "$(in_root dpkg --verify cpuagg)"
expect_equal "the token's size" 0 "$(stat -c %s "$root/etc/cpuagg/bot_token")"
expect_equal "what a second postinst says" "" \
  "$(in_root DPKG_MAINTSCRIPT_PACKAGE=cpuagg /var/lib/dpkg/info/cpuagg.postinst configure "$version" 2>&1)"
expect_equal "what a second postinst changes" "$as_made" "$(modes)"
asked >/dev/null

echo "--- upgrading what an admin has set up"
in_root ln -s /usr/lib/systemd/system/cpuagg-collect.timer /etc/systemd/system/timers.target.wants/
echo KEEP=2y >"$root/etc/cpuagg/cpuagg.env"
echo 123456789:AAE >"$root/etc/cpuagg/bot_token"
mkdir -p "$root/var/lib/cpuagg/snapshots" "$root/var/lib/systemd/timers"
touch "$root/var/lib/systemd/timers/stamp-cpuagg-collect.timer"
# As cpuagg setup leaves them.
mkdir -p "$root/etc/cron.d"
printf '# Written by cpuagg setup; cpuagg setup --undo removes it.\n' >"$root/etc/cron.d/cpuagg"
printf 'ACCOUNTING_FILE="/var/log/account/pacct"\nACCOUNTING_UNIT=""\nGREETED=""\n' >"$root/etc/cpuagg/setup_record"
touch "$root/etc/cpuagg/bot_token.old"
run_dpkg --force-confold --install /tmp/second.deb
expect_equal "owners and modes after the upgrade" "$as_made" "$(modes)"
expect_equal "the configuration" KEEP=2y "$(cat "$root/etc/cpuagg/cpuagg.env")"
expect_equal "the new configuration's mode" "root:cpuagg 640" "$(in_root stat -c '%U:%G %a' /etc/cpuagg/cpuagg.env.dpkg-dist)"
expect_equal "the token" 123456789:AAE "$(cat "$root/etc/cpuagg/bot_token")"
expect_equal "what is enabled after the upgrade" cpuagg-collect.timer "$(enabled)"
expect_equal "what systemd was asked by the upgrade" "daemon-reload
restart cpuagg-collect.timer" "$(asked)"
[ -d "$root/var/lib/cpuagg/snapshots" ] || failed "the upgrade has taken the store"
[ -e "$root/etc/cron.d/cpuagg" ] || failed "the upgrade has taken the lines for cron"

echo "--- removing"
run_dpkg --remove cpuagg
expect_equal "owners and modes after the removal" "$as_made" "$(modes)"
expect_equal "what is enabled after the removal" cpuagg-collect.timer "$(enabled)"
expect_equal "what systemd was asked by the removal" \
  "stop cpuagg-collect.timer cpuagg-report.timer cpuagg-deliver.timer cpuagg-collect.service cpuagg-report.service cpuagg-deliver.service
daemon-reload" "$(asked)"
[ ! -e "$root/etc/cron.d/cpuagg" ] || failed "the removal has left the lines for cron"

echo "--- installing again"
run_dpkg --install /tmp/second.deb
expect_equal "the configuration after all" KEEP=2y "$(cat "$root/etc/cpuagg/cpuagg.env")"
expect_equal "what systemd was asked" "daemon-reload
restart cpuagg-collect.timer" "$(asked)"

echo "--- purging"
run_dpkg --purge cpuagg
expect_equal "what stays" "/var/lib/cpuagg
/var/lib/cpuagg/snapshots" "$(comm -13 <(echo "$before") <(new_paths) | grep -v '^/var/lib/systemd/timers$')"
expect_equal "what is said" "\
cpuagg: process accounting, which cpuagg setup turned on, stays on; to turn it off: accton off
cpuagg: the history in /var/lib/cpuagg stays; to delete it: rm -r /var/lib/cpuagg
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(grep '^cpuagg: ' <<<"$output")"
asked >/dev/null
# What it says, works.
in_root sh -c 'rm -r /var/lib/cpuagg && userdel cpuagg' || failed "what purging advises"

echo "--- without systemd's helpers, over a store of root's"
rm -rf "$root/run/systemd/system" "$root/usr/bin/systemd-sysusers" "$root/usr/bin/deb-systemd-helper"
in_root install -d -m 755 /var/lib/cpuagg/snapshots
run_dpkg --install /tmp/first.deb
expect_equal "owners and modes without systemd" "$as_made" "$(modes)"
expect_equal "the store's owner" cpuagg:cpuagg "$(in_root stat -c %U:%G /var/lib/cpuagg/snapshots)"
expect_equal "the user's groups without systemd" "adm cpuagg" "$(in_root id -nG cpuagg | tr ' ' '\n' | sort | paste -sd ' ')"
expect_equal "the user without systemd" "/var/lib/cpuagg:/usr/sbin/nologin" "$(in_root getent passwd cpuagg | cut -d: -f6,7)"
rmdir "$root/var/lib/cpuagg/snapshots"
touch "$root/etc/cpuagg/cpuagg.env.mine"
echo "0 7 * * * root cpuagg run" >"$root/etc/cron.d/cpuagg"
run_dpkg --purge cpuagg
expect_equal "what is said of an empty store and a file of the admin's" "\
cpuagg: /etc/cpuagg stays: there are files in it that the package did not make
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(grep '^cpuagg: ' <<<"$output")"
[ -e "$root/etc/cron.d/cpuagg" ] || failed "purging has taken the admin's own lines for cron"
expect_equal "what systemd was asked where it does not run" "" "$(asked)"
finish
