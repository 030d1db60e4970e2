#!/bin/bash
# maintainer_scripts_test.sh DEB VERSION: installed, upgraded, removed and purged by this machine's dpkg, in a copy of this
# machine that is gone afterwards.
set -uo pipefail
. packaging/testing/check.sh
deb=$(realpath "$1") version=$2

. packaging/testing/copy_of_machine.sh
enabled() { find "$root/etc/systemd/system/timers.target.wants" -name 'cpuagg*' -printf '%P\n'; }

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
as_setup_writes='# Written by cpuagg setup; cpuagg setup --undo removes it.
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
*/15 * * * *  root  /usr/bin/cpuagg collect --quiet
0 7 * * *  root  /usr/bin/cpuagg send --period last-day
37 * * * *  root  /usr/bin/cpuagg send --pending --quiet'
echo "$as_setup_writes" >"$root/etc/cron.d/cpuagg"
printf 'ACCOUNTING_FILE="/var/log/account/pacct"\nACCOUNTING_UNIT=""\nGREETED=""\n' >"$root/etc/cpuagg/setup_record"
touch "$root/etc/cpuagg/bot_token.old" "$root/etc/cpuagg/.unfinished-3f2a"
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
cpuagg: cron goes on with /etc/cron.d/cpuagg, in which are lines that cpuagg setup did not write
cpuagg: /etc/cron.d/cpuagg stays: there are lines in it that cpuagg did not write
cpuagg: /etc/cpuagg stays: there are files in it that the package did not make
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(grep '^cpuagg: ' <<<"$output")"
[ -e "$root/etc/cron.d/cpuagg" ] || failed "purging has taken the admin's own lines for cron"
expect_equal "what systemd was asked where it does not run" "" "$(asked)"

echo "--- lines for cron, and links"
# As cpuagg check says.
echo '*/15 * * * * root cpuagg collect --quiet' >"$root/etc/cron.d/cpuagg"
run_dpkg --install /tmp/first.deb
run_dpkg --remove cpuagg
[ -e "$root/etc/cron.d/cpuagg" ] || failed "removing has taken lines that setup does not bring back"
rm -r "$root/etc/cpuagg" && mkdir -p "$root/etc/cpuagg" "$root/srv/store" "$root/srv/secret"
in_root ln -s /srv/secret/token /etc/cpuagg/bot_token
in_root rmdir /var/lib/cpuagg
in_root ln -s /srv/store /var/lib/cpuagg
run_dpkg --purge cpuagg
[ ! -e "$root/etc/cron.d/cpuagg" ] || failed "purging has left the lines for cron that check says"
expect_equal "what is said of links" "\
cpuagg: the token that /etc/cpuagg/bot_token led to stays: /srv/secret/token
cpuagg: the history stays, and the link /var/lib/cpuagg to it: /srv/store
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(grep '^cpuagg: ' <<<"$output")"
in_root rm /var/lib/cpuagg

echo "--- a folder as the token, and the configuration a link"
mkdir -p "$root/etc/cpuagg/bot_token"
echo KEEP=2y >"$root/srv/mine.env"
run_dpkg --install /tmp/first.deb
grep -q '/etc/cpuagg/bot_token is a folder and no file' <<<"$output" || failed "no word of a folder as the token: $output"
in_root ln -sf /srv/mine.env /etc/cpuagg/cpuagg.env
run_dpkg --remove cpuagg
run_dpkg --install /tmp/first.deb
expect_equal "the link after all" /srv/mine.env "$(readlink "$root/etc/cpuagg/cpuagg.env")"
touch "$root/etc/cpuagg/bot_token/something"
run_dpkg --purge cpuagg
expect_equal "the target of the link" KEEP=2y "$(cat "$root/srv/mine.env")"
expect_equal "what is said of them" "\
cpuagg: /etc/cpuagg/bot_token stays, which is a folder and no file: rmdir: failed to remove '/etc/cpuagg/bot_token': Directory not empty
cpuagg: the configuration that /etc/cpuagg/cpuagg.env led to stays: /srv/mine.env
cpuagg: /etc/cpuagg stays: there are files in it that the package did not make
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(grep '^cpuagg: ' <<<"$output")"
rm -r "$root/etc/cpuagg"
mkdir -p "$root/srv/etc"
in_root ln -s /srv/etc /etc/cpuagg
run_dpkg --install /tmp/first.deb
run_dpkg --purge cpuagg
expect_equal "what is said of a link to a folder" "\
cpuagg: the link /etc/cpuagg stays, and the folder that it leads to: /srv/etc
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(grep '^cpuagg: ' <<<"$output")"
in_root rm -f /etc/cpuagg
{
  echo "$as_setup_writes"
  echo '0 3 * * * root /root/backup'
} >"$root/etc/cron.d/cpuagg"
run_dpkg --install /tmp/first.deb
run_dpkg --purge cpuagg
[ -e "$root/etc/cron.d/cpuagg" ] || failed "purging has taken a line of the admin's"
in_root userdel cpuagg
in_root useradd --uid 2000 cpuagg
run_dpkg --install /tmp/first.deb
run_dpkg --purge cpuagg
if grep -q userdel <<<"$output"; then failed "purging advises to delete a person: $output"; fi
finish
