#!/bin/bash
# maintainer_scripts_test.sh DEB VERSION: installs, upgrades, removes and purges with this machine's
# dpkg, in a temporary copy of this machine.
set -uo pipefail
. packaging/testing/check.sh
deb=$(realpath "$1") version=$2

. packaging/testing/copy_of_machine.sh
enabled() { find "$root/etc/systemd/system/timers.target.wants" -name 'cpuagg*' -printf '%P\n'; }

# The messages of the package's scripts on standard output.
said() { grep '^cpuagg: ' <<<"$output"; }
to_do="cpuagg: nothing collects or reports by itself yet; run: cpuagg setup"
kept="cpuagg: removing keeps /etc/cpuagg (configuration and token) and /var/lib/cpuagg (history); purging deletes the first"
foreign="cpuagg: /etc/cron.d/cpuagg stays, with lines in it that cpuagg setup did not write"

# A second version, with a different file of all keys. Not compressed, since they are unpacked
# often; nor is the machine's index of manuals rebuilt each time.
dpkg-deb --raw-extract "$deb" "$TEST_TMPDIR/first"
dpkg-deb --root-owner-group --build -Znone "$TEST_TMPDIR/first" "$root/tmp/first.deb" >/dev/null
mkdir -p "$root/etc/dpkg/dpkg.cfg.d" && echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/quick"
[ ! -e "$root/usr/bin/mandb" ] || printf '#!/bin/sh\n' >"$root/usr/bin/mandb"
cp -a "$TEST_TMPDIR/first" "$TEST_TMPDIR/second"
sed -i "s/^Version: .*/Version: $version+1/" "$TEST_TMPDIR/second/DEBIAN/control"
echo "# New in the second version." >>"$TEST_TMPDIR/second/usr/share/cpuagg/cpuagg.env"
sed -i '/cpuagg\.env$/d' "$TEST_TMPDIR/second/DEBIAN/md5sums"
dpkg-deb --root-owner-group --build -Znone "$TEST_TMPDIR/second" "$root/tmp/second.deb" >/dev/null
# What is in the copy and not on the machine, except what dpkg keeps for itself.
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
expect_equal "the messages about a first installation" "$to_do" "$(said)"
expect_equal "owners and modes" "$as_made" "$(modes)"
expect_equal "the user's groups" "adm cpuagg" "$(in_root id -nG cpuagg | tr ' ' '\n' | sort | paste -sd ' ')"
expect_equal "the user" "/var/lib/cpuagg:/usr/sbin/nologin" "$(in_root getent passwd cpuagg | cut -d: -f6,7)"
expect_equal "what is enabled" "" "$(enabled)"
expect_equal "what systemd was asked" daemon-reload "$(asked)"
expect_equal "dpkg -V" "" "$(in_root dpkg --verify cpuagg)"
expect_equal "the token's size" 0 "$(stat -c %s "$root/etc/cpuagg/bot_token")"
expect_equal "what a second postinst says" "$to_do" \
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
37 * * * *  root  /usr/bin/cpuagg send --pending --alerts --quiet'
echo "$as_setup_writes" >"$root/etc/cron.d/cpuagg"
printf 'ACCOUNTING_FILE="/var/log/account/pacct"\nACCOUNTING_UNIT=""\nGREETED=""\n' >"$root/etc/cpuagg/setup_record"
touch "$root/etc/cpuagg/bot_token.old" "$root/etc/cpuagg/.unfinished-3f2a"
# Asks nothing: standard input is at its end, as with unattended upgrades.
run_dpkg --install /tmp/second.deb </dev/null
expect_equal "the messages about an upgrade" "" "$(said)"
expect_equal "owners and modes after the upgrade" "$as_made" "$(modes)"
expect_equal "the configuration" KEEP=2y "$(cat "$root/etc/cpuagg/cpuagg.env")"
expect_equal "dpkg -V after the upgrade" "??5?????? c /etc/cpuagg/cpuagg.env" "$(in_root dpkg --verify cpuagg)"
expect_equal "the token" 123456789:AAE "$(cat "$root/etc/cpuagg/bot_token")"
expect_equal "what is enabled after the upgrade" cpuagg-collect.timer "$(enabled)"
expect_equal "what systemd was asked by the upgrade" "daemon-reload
restart cpuagg-collect.timer" "$(asked)"
[ -d "$root/var/lib/cpuagg/snapshots" ] || failed "the upgrade has taken the store"
[ -e "$root/etc/cron.d/cpuagg" ] || failed "the upgrade has taken the lines for cron"

echo "--- removing"
run_dpkg --remove cpuagg
expect_equal "the messages about the removal" "$kept" "$(said)"
expect_equal "owners and modes after the removal" "$as_made" "$(modes)"
expect_equal "what is enabled after the removal" cpuagg-collect.timer "$(enabled)"
expect_equal "what systemd was asked by the removal" \
  "stop cpuagg-collect.timer cpuagg-report.timer cpuagg-deliver.timer cpuagg-collect.service cpuagg-report.service cpuagg-deliver.service
daemon-reload" "$(asked)"
[ ! -e "$root/etc/cron.d/cpuagg" ] || failed "the removal has left the lines for cron"

echo "--- installing again"
run_dpkg --install /tmp/second.deb
expect_equal "the messages where a timer is enabled" "" "$(said)"
expect_equal "the configuration after all" KEEP=2y "$(cat "$root/etc/cpuagg/cpuagg.env")"
expect_equal "what systemd was asked" "daemon-reload
restart cpuagg-collect.timer" "$(asked)"

echo "--- purging"
run_dpkg --purge cpuagg
expect_equal "what stays" "/var/lib/cpuagg
/var/lib/cpuagg/snapshots" "$(comm -13 <(echo "$before") <(new_paths) | grep -v '^/var/lib/systemd/timers$')"
expect_equal "the messages" "\
$kept
cpuagg: process accounting, which cpuagg setup turned on, stays on; to turn it off: accton off
cpuagg: the history in /var/lib/cpuagg stays; to delete it: rm -r /var/lib/cpuagg
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(said)"
asked >/dev/null
# The suggested commands work.
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
expect_equal "the messages about an empty store and a file of the admin's" "\
$foreign
$kept
cpuagg: /etc/cpuagg stays: there are files in it that the package did not make
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(said)"
[ -e "$root/etc/cron.d/cpuagg" ] || failed "purging has taken the admin's own lines for cron"
expect_equal "what systemd was asked where it does not run" "" "$(asked)"

echo "--- lines for cron, and links"
# crontab WORD...: writes these lines to /etc/cron.d/cpuagg.
crontab() { printf '%s\n' "$@" >"$root/etc/cron.d/cpuagg"; }
remove_with() {
  run_dpkg --install /tmp/first.deb
  crontab "$@"
  chmod 640 "$root/etc/cron.d/cpuagg"
  run_dpkg --remove cpuagg
}
remove_with "$as_setup_writes" MAILTO=root '0 3 * * * root /root/backup' '*/15 * * * * root /usr/local/bin/cpuagg collect --quiet' \
  '0 6 * * * root /usr/bin/cpuagg run' '# /usr/bin/cpuagg collect --quiet'
expect_equal "the lines for cron of others" "\
SHELL=/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
MAILTO=root
0 3 * * * root /root/backup
*/15 * * * * root /usr/local/bin/cpuagg collect --quiet
0 6 * * * root /usr/bin/cpuagg run
# /usr/bin/cpuagg collect --quiet" "$(cat "$root/etc/cron.d/cpuagg")"
expect_equal "the messages about them" "$foreign
$kept" "$(said)"
expect_equal "what is in cron's folder" "cpuagg 640" "$(cd "$root/etc/cron.d" && find . -name '*cpuagg*' -printf '%P %m\n')"
remove_with "$as_setup_writes" '@daily  root   /usr/bin/cpuagg	send  --period last-day'
expect_equal "the messages about a line that was changed" \
  "cpuagg: this line of /etc/cron.d/cpuagg was changed, and is removed: @daily  root   /usr/bin/cpuagg	send  --period last-day
$kept" "$(said)"
[ ! -e "$root/etc/cron.d/cpuagg" ] || failed "removing has left lines of setup's"
# Lines as cpuagg check suggests them, without setup's first line.
remove_with '*/15 * * * *  root  /usr/bin/cpuagg collect --quiet'
[ ! -e "$root/etc/cron.d/cpuagg" ] || failed "removing has left lines for cron that check says"
run_dpkg --install /tmp/first.deb
expect_equal "the messages when it is installed again without them" "$to_do" "$(said)"
run_dpkg --remove cpuagg
crontab '7 * * * * root cpuagg collect'
run_dpkg --install /tmp/first.deb
expect_equal "the messages where a crontab collects" "" "$(said)"
rm "$root/etc/cron.d/cpuagg"
run_dpkg --remove cpuagg
rm -r "$root/etc/cpuagg" && mkdir -p "$root/etc/cpuagg" "$root/srv/store" "$root/srv/secret"
in_root ln -s /srv/secret/token /etc/cpuagg/bot_token
in_root rmdir /var/lib/cpuagg
in_root ln -s /srv/store /var/lib/cpuagg
run_dpkg --purge cpuagg
expect_equal "the messages about links" "\
cpuagg: the token that /etc/cpuagg/bot_token led to stays: /srv/secret/token
cpuagg: the history stays, and the link /var/lib/cpuagg to it: /srv/store
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(said)"
in_root rm /var/lib/cpuagg

echo "--- a folder as the token, and the configuration a link"
mkdir -p "$root/etc/cpuagg/bot_token"
echo KEEP=2y >"$root/srv/mine.env"
run_dpkg --install /tmp/first.deb
grep -q '/etc/cpuagg/bot_token is a folder and not a file' <<<"$output" || failed "no word of a folder as the token: $output"
in_root ln -sf /srv/mine.env /etc/cpuagg/cpuagg.env
run_dpkg --remove cpuagg
run_dpkg --install /tmp/first.deb
expect_equal "the link after all" /srv/mine.env "$(readlink "$root/etc/cpuagg/cpuagg.env")"
touch "$root/etc/cpuagg/bot_token/something"
run_dpkg --purge cpuagg
expect_equal "the target of the link" KEEP=2y "$(cat "$root/srv/mine.env")"
expect_equal "the messages about them" "\
$kept
cpuagg: /etc/cpuagg/bot_token stays, since it is a folder and not a file: rmdir: failed to remove '/etc/cpuagg/bot_token': Directory not empty
cpuagg: the configuration that /etc/cpuagg/cpuagg.env led to stays: /srv/mine.env
cpuagg: /etc/cpuagg stays: there are files in it that the package did not make
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(said)"
rm -r "$root/etc/cpuagg"
mkdir -p "$root/srv/etc"
in_root ln -s /srv/etc /etc/cpuagg
run_dpkg --install /tmp/first.deb
run_dpkg --purge cpuagg
expect_equal "the messages about a link to a folder" "\
$kept
cpuagg: the link /etc/cpuagg stays, and the folder that it leads to: /srv/etc
cpuagg: the user cpuagg stays, since files may belong to it; to delete it: userdel cpuagg" "$(said)"
in_root rm -f /etc/cpuagg
in_root userdel cpuagg
in_root useradd --uid 2000 cpuagg
run_dpkg --install /tmp/first.deb
run_dpkg --purge cpuagg
if grep -q userdel <<<"$output"; then failed "purging advises to delete a person: $output"; fi
finish
