#!/bin/bash
# chroot_test.sh DEB VERSION: tests the package on a bare system, as an admin would first use it.
# Takes some minutes, root, debootstrap and a mirror, so run it by hand:
#
#   sudo bazel test //packaging:chroot_test --test_output=all --test_env=SUITE=trixie
#
# The default of SUITE is bookworm, and that of MIRROR is this machine's (for Debian). For Ubuntu:
# --test_env=SUITE=jammy --test_env=MIRROR=… with the address of Ubuntu's. Runs lintian if it is
# Debian's.
set -uo pipefail
. packaging/testing/check.sh
deb=$(realpath "$1") version=$2 records=$(realpath testdata/lab) suite=${SUITE:-bookworm}
mirror=${MIRROR:-$(cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -1)}

[ "$(id -u)" = 0 ] || skip "only root can install packages"
command -v debootstrap >/dev/null || skip "debootstrap is not installed"
[ -n "$mirror" ] || skip "no mirror is known; set MIRROR"
if [ -z "${IN_NAMESPACE:-}" ]; then
  IN_NAMESPACE=yes exec unshare --mount --propagation private "$0" "$@"
fi
root=$TEST_TMPDIR/root
mkdir -p "$root"
trap 'umount --lazy "$root/proc" "$root/dev" 2>/dev/null; rm -rf "$root"' EXIT
components=main
[[ $mirror != *ubuntu* ]] || components=main,universe
script=/usr/share/debootstrap/scripts/$suite
# All Ubuntu releases use the same script.
[ -e "$script" ] || script=/usr/share/debootstrap/scripts/jammy
debootstrap --variant=minbase --components="$components" "$suite" "$root" "$mirror" "$script" >"$TEST_TMPDIR/debootstrap.log" 2>&1 || {
  tail -5 "$TEST_TMPDIR/debootstrap.log"
  skip "debootstrap $suite $mirror failed"
}
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero random urandom full tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s pts/ptmx "$root/dev/ptmx"
mkdir "$root/dev/pts"
mount -t devpts devpts "$root/dev/pts"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
in_root() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"; }
apt() {
  output=$(in_root apt-get -y -q "$@" 2>&1) || failed "apt-get $*:
$output"
}
# expect_said STATUS WORDS COMMAND...: expects this status and these words in the output.
expect_said() {
  local status=$1 words=$2 said
  shift 2
  said=$(in_root "$@" 2>&1)
  expect_equal "the status of $*" "$status" $?
  grep -qF -e "$words" <<<"$said" || failed "$* does not say «$words»:
$said"
}

cp -rL "$records" "$root/root/lab"
cp "$deb" "$root/root/cpuagg.deb"
dpkg-deb --raw-extract "$deb" "$TEST_TMPDIR/second"
sed -i "s/^Version: .*/Version: $version+1/" "$TEST_TMPDIR/second/DEBIAN/control"
dpkg-deb --root-owner-group --build -Znone "$TEST_TMPDIR/second" "$root/root/second.deb" >/dev/null
rm -r "$TEST_TMPDIR/second"
apt update

echo "--- $suite: without what it recommends"
apt install --no-install-recommends /root/cpuagg.deb
expect_said 0 "cpuagg $version" cpuagg --version
expect_said 0 "0:00:36.23   100%" cpuagg report /root/lab/pacct
expect_said 1 "install the package libpangocairo-1.0-0" cpuagg report --chart /tmp/chart.png /root/lab/pacct
in_root cpuagg collect --quiet --store /tmp/store --accounting-file /root/lab/pacct 2>/dev/null
expect_said 1 "install the package libcurl4" env BOT_TOKEN=1:a CHAT_ID=5 cpuagg send --store /tmp/store
expect_said 1 "install the package libcurl4" env BOT_TOKEN=1:a CHAT_ID=5 cpuagg send --test
# In some releases other packages install a font.
apt install --no-install-recommends libpangocairo-1.0-0
mkdir -p "$root/usr/share/fonts" && mv "$root/usr/share/fonts" "$root/usr/share/fonts.away"
expect_said 1 "install the package fonts-dejavu-core" cpuagg report --chart /tmp/chart.png /root/lab/pacct
rm -rf "$root/usr/share/fonts" && mv "$root/usr/share/fonts.away" "$root/usr/share/fonts"

echo "--- $suite: with it"
apt install --install-recommends --reinstall /root/cpuagg.deb
apt install libcurl4 ca-certificates fonts-dejavu-core acct
expect_said 0 "0:00:36.23   100%" cpuagg report --chart /tmp/chart.png /root/lab/pacct
expect_said 1 "the bot cannot be reached: " \
  env BOT_TOKEN=123456789:AAEabcdefghijklmnopqrstuvwxyz1234567 CHAT_ID=5 CPUAGG_TELEGRAM_API_URL=http://127.0.0.1:1 cpuagg send --test
expect_equal "dpkg -V" "" "$(in_root dpkg --verify cpuagg)"

echo "--- $suite: upgrade"
echo KEEP=2y >"$root/etc/cpuagg/cpuagg.env"
touch "$root/var/lib/cpuagg/mine"
apt install /root/second.deb
# shellcheck disable=SC2016  # dpkg-query expands it
expect_equal "the version after the upgrade" "$version+1" "$(in_root dpkg-query --show --showformat='${Version}' cpuagg)"
expect_equal "the configuration after the upgrade" KEEP=2y "$(cat "$root/etc/cpuagg/cpuagg.env")"

if [[ $mirror != *ubuntu* ]]; then
  echo "--- $suite: lintian"
  apt install --no-install-recommends lintian
  expect_equal "what lintian says" "" "$(in_root lintian --pedantic -EI --allow-root /root/cpuagg.deb 2>&1)"
fi

echo "--- $suite: purge"
apt purge cpuagg
grep '^cpuagg: ' <<<"$output"
expect_equal "what stays" "/var/lib/cpuagg" "$(in_root find / -xdev -name '*cpuagg*' -not -path '/proc/*' -not -path '/root/*' -not -path '/tmp/*')"
finish
