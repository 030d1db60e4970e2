#!/bin/sh
# Installs cpuagg from the folder that this script is in, or removes it. Run it as root.
#
#   ./install.sh [--prefix DIR]              program, manual, completions and units; DIR is /usr/local if not said
#   ./install.sh [--prefix DIR] --uninstall  removes them; configuration and history stay
#   DESTDIR=ROOT ./install.sh …              below ROOT, for packages: makes no user and no store
#
# What it changes: files below the prefix (those of this folder, as listed by `find bin lib share -type f`); the units'
# files, where systemd looks for them; the system user cpuagg, member of adm, as lib/sysusers.d/cpuagg.conf says; and
# /etc/cpuagg and /var/lib/cpuagg, as lib/tmpfiles.d/cpuagg.conf says. A configuration that is there stays as it is.
# No timer is enabled.
set -eu

say() { echo "install.sh: $*"; }
fail() {
  echo "install.sh: $*" >&2
  exit 1
}

here=$(cd "$(dirname "$0")" && pwd)
prefix=/usr/local
uninstall=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix)
      [ $# -gt 1 ] || fail "--prefix needs a folder"
      prefix=$2
      shift
      ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --uninstall) uninstall=yes ;;
    -h | --help)
      sed -n '2,/^set /{/^#/s/^# \{0,1\}//p;}' "$0"
      exit 0
      ;;
    *) fail "unknown argument '$1'; see ./install.sh --help" ;;
  esac
  shift
done
case $prefix in
  /*) prefix=${prefix%/} ;;
  *) fail "--prefix must be an absolute path, not '$prefix'" ;;
esac
case $prefix in
  *[!A-Za-z0-9/._+-]*) fail "--prefix may have letters, digits and /._+- alone: it is written into units" ;;
esac
destdir=${DESTDIR:-}
[ -n "$destdir" ] || [ "$(id -u)" = 0 ] || fail "run it as root, or set DESTDIR"

# systemd looks below /usr and /usr/local; for other prefixes /etc is the place.
case $prefix in
  /usr | /usr/local) system=$prefix/lib units=$prefix/lib/systemd/system ;;
  *) system=/etc units=/etc/systemd/system ;;
esac

# Where a file of this folder belongs.
place_of() {
  case $1 in
    lib/systemd/system/*) echo "$units/${1##*/}" ;;
    lib/sysusers.d/* | lib/tmpfiles.d/*) echo "$system/${1#lib/}" ;;
    *) echo "$prefix/$1" ;;
  esac
}

is_running_systemd() { [ -z "$destdir" ] && [ -d /run/systemd/system ]; }

files=$(cd "$here" && find bin lib share -type f | LC_ALL=C sort)
timers="cpuagg-collect.timer cpuagg-report.timer cpuagg-deliver.timer"

if [ -n "$uninstall" ]; then
  if is_running_systemd; then
    # shellcheck disable=SC2086  # one word per timer is what is meant
    systemctl disable --now $timers >/dev/null 2>&1 || true
  fi
  # What `cpuagg setup` has written where there is no systemd.
  if grep -qs '^# Written by cpuagg setup' "$destdir/etc/cron.d/cpuagg"; then rm -f "$destdir/etc/cron.d/cpuagg"; fi
  for file in $files; do
    rm -f "$destdir$(place_of "$file")"
  done
  for folder in "$prefix/lib/cpuagg" "$prefix/share/doc/cpuagg/examples" "$prefix/share/doc/cpuagg"; do
    rmdir "$destdir$folder" 2>/dev/null || true
  done
  if is_running_systemd; then systemctl daemon-reload; fi
  say "cpuagg is removed from $destdir$prefix"
  say "configuration (/etc/cpuagg), history (/var/lib/cpuagg) and the user cpuagg stay; to delete them:"
  say "rm -r /etc/cpuagg /var/lib/cpuagg && userdel cpuagg"
  exit 0
fi

for file in $files; do
  place=$destdir$(place_of "$file")
  mode=644
  [ "$file" != bin/cpuagg ] || mode=755
  mkdir -p "$(dirname "$place")"
  # Beside it first: a program that runs cannot be written to.
  case $file in
    *.service) sed "s|/usr/bin/cpuagg|$prefix/bin/cpuagg|" "$here/$file" >"$place.new" ;;
    *) cp "$here/$file" "$place.new" ;;
  esac
  chmod "$mode" "$place.new"
  mv -f "$place.new" "$place"
done
say "program, manual, completions and units are in $destdir$prefix and $destdir$units"

mkdir -p "$destdir/etc/cpuagg"
if [ -e "$destdir/etc/cpuagg/cpuagg.env" ]; then
  say "/etc/cpuagg/cpuagg.env stays as it is"
else
  install -m 0640 "$here/etc/cpuagg/cpuagg.env" "$destdir/etc/cpuagg/cpuagg.env"
fi
if [ -n "$destdir" ]; then
  say "the user, the store and the token's file are left to systemd-sysusers and systemd-tmpfiles"
  exit 0
fi

if ! getent passwd cpuagg >/dev/null; then
  if command -v systemd-sysusers >/dev/null; then
    systemd-sysusers "$here/lib/sysusers.d/cpuagg.conf" 2>/dev/null || true
  fi
  getent group adm >/dev/null || groupadd --system adm
  getent group cpuagg >/dev/null || groupadd --system cpuagg
  getent passwd cpuagg >/dev/null ||
    useradd --system --gid cpuagg --home-dir /var/lib/cpuagg --no-create-home \
      --shell "$(command -v nologin || echo /sbin/nologin)" --comment "CPU usage per user" cpuagg
  usermod --append --groups adm cpuagg
  say "the user cpuagg, member of adm, is made"
fi
[ "$(stat -c %G /etc/cpuagg/cpuagg.env)" != root ] || chgrp cpuagg /etc/cpuagg/cpuagg.env
[ -e /etc/cpuagg/bot_token ] || install -m 0600 -o root -g root /dev/null /etc/cpuagg/bot_token
[ -e /var/lib/cpuagg ] || install -d -m 0750 -o cpuagg -g cpuagg /var/lib/cpuagg
if [ "$(stat -c %U /var/lib/cpuagg)" = root ]; then
  find /var/lib/cpuagg -xdev -user root -exec chown -h cpuagg:cpuagg {} +
  chmod 0750 /var/lib/cpuagg
  say "/var/lib/cpuagg, which was root's, belongs to the user cpuagg"
fi
if command -v restorecon >/dev/null; then restorecon -R "$prefix/bin/cpuagg" "$prefix/lib/cpuagg" /etc/cpuagg /var/lib/cpuagg || true; fi
if is_running_systemd; then systemctl daemon-reload; fi

for accounting_file in /var/log/account/pacct /var/account/pacct /var/log/pacct; do
  [ -e "$accounting_file" ] || continue
  case $(stat -c '%A %G' "$accounting_file") in
    ????r*' adm') ;;
    *)
      say "the user cpuagg cannot read $accounting_file; this drop-in lets the unit do so:"
      say "install -D -m 644 $prefix/share/doc/cpuagg/examples/root-only-accounting-file.conf /etc/systemd/system/cpuagg-collect.service.d/root-only-accounting-file.conf"
      ;;
  esac
  break
done
say "next: $prefix/bin/cpuagg setup, which turns accounting on, asks for the bot's token and enables the timers"
