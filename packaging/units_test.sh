#!/bin/bash
# units_test.sh DEB: checks the units with systemd-analyze, as they are and with each of the
# drop-ins.
set -uo pipefail
. packaging/testing/check.sh
command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed (package systemd)"

root=$TEST_TMPDIR/root
dpkg-deb --extract "$1" "$root"
units=$root/usr/lib/systemd/system

# System units that ours refer to, and the program that they start.
mkdir -p "$root/etc/systemd/system"
for unit in acct.service psacct.service network-online.target nss-user-lookup.target timers.target sysinit.target basic.target \
  shutdown.target sockets.target time-set.target time-sync.target -.mount tmp.mount systemd-tmpfiles-setup.service; do
  [ -e "$root/usr/lib/systemd/system/$unit" ] || case $unit in
    *.service) printf '[Unit]\nDescription=x\n[Service]\nExecStart=/usr/bin/cpuagg\n' ;;
    *.mount) printf '[Unit]\nDescription=x\n[Mount]\nWhat=x\nWhere=%s\n' "$([ "$unit" = -.mount ] && echo / || echo /tmp)" ;;
    *) printf '[Unit]\nDescription=x\n' ;;
  esac >"$root/etc/systemd/system/$unit"
done

verify() {
  local output status
  output=$(systemd-analyze verify --root="$root" --man=no --recursive-errors=one "$@" 2>&1)
  status=$?
  # Any output is a failure as well, whatever the status: for example about an unknown key.
  if [ "$status" != 0 ] || [ -n "$output" ]; then
    failed "systemd-analyze verify $*: status $status
$output"
  fi
}

# 2.0 is the maximum; the scores go to the log.
secure() {
  local output
  output=$(systemd-analyze security --offline=true --threshold=20 --no-pager --root="$root" "$@" 2>&1) ||
    failed "systemd-analyze security $*:
$output"
  echo "$(grep Overall <<<"$output") ${*##*/} $drop_in"
}

drop_in=
for unit in "$units"/*; do verify "$(basename "$unit")"; done
for unit in "$units"/*.service; do secure "$(basename "$unit")"; done

for drop_in in "$root"/usr/share/doc/cpuagg/examples/*.conf; do
  # The first line names its destination.
  place=$(sed -n '1s/^# \(\/[^ ,]*\).*/\1/p' "$drop_in")
  [ "$(basename "$place")" = "$(basename "$drop_in")" ] || failed "$drop_in: says to be $place"
  unit=$(basename "$(dirname "$place")" .d)
  install -D -m 644 "$drop_in" "$root$place"
  drop_in=$(basename "$drop_in")
  verify "$unit"
  case $unit in *.service) secure "$unit" ;; esac
  rm -r "$root$(dirname "$place")"
done
finish
