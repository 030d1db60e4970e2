#!/bin/sh
# Installs cpuagg from the folder of this script, or removes it. Run it as root.
#
#   ./install.sh [--prefix DIR]              installs program, manual, completions and units; by default DIR is /usr/local
#   ./install.sh [--prefix DIR] --uninstall  removes them, and keeps configuration and history
#   DESTDIR=ROOT ./install.sh …              installs below ROOT, for packages, without making user and store
#
# It changes:
#   - files below the prefix: those of this folder, which `find bin lib share -type f` lists, and lib/cpuagg/folders, which
#     lists the folders that it has made;
#   - the units' files, where systemd looks for them;
#   - the system user cpuagg (lib/sysusers.d/cpuagg.conf), which becomes a member of adm;
#   - /etc/cpuagg and /var/lib/cpuagg (lib/tmpfiles.d/cpuagg.conf).
# What exists of these stays as it is. No timer is enabled.
set -eu
umask 022

say() { echo "install.sh: $*"; }
fail() {
  echo "install.sh: $*" >&2
  exit 1
}

# include provision.sh

# include cron_file.sh


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
  *[!A-Za-z0-9/._+-]*) fail "--prefix may have only letters, digits and /._+-: it is written into units" ;;
esac
destdir=${DESTDIR:-}
[ -n "$destdir" ] || [ "$(id -u)" = 0 ] || fail "run it as root, or set DESTDIR"

# systemd searches /usr and /usr/local; for other prefixes units go to /etc.
case $prefix in
  /usr | /usr/local) system=$prefix/lib units=$prefix/lib/systemd/system ;;
  *) system=/etc units=/etc/systemd/system ;;
esac

# The destination of a file of this folder.
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

# The list of folders that installing has created, one per line. Not used with DESTDIR, where the
# packager keeps track.
made=$prefix/lib/cpuagg/folders

# make_folder PATH: creates it and those above it.
make_folder() {
  [ ! -d "$1" ] || return 0
  make_folder "$(dirname "$1")"
  mkdir "$1"
  new_folders="$1
$new_folders"
}

if [ -n "$uninstall" ]; then
  # The program is removed last, so that an interrupted removal can be run again.
  [ -e "$destdir$prefix/bin/cpuagg" ] ||
    fail "there is no $destdir$prefix/bin/cpuagg: nothing is removed; name the folder it was installed in with --prefix"
  if is_running_systemd; then
    # shellcheck disable=SC2086  # one word per timer is what is meant
    systemctl disable --now $timers >/dev/null 2>&1 || true
  fi
  take_out_cron_lines "$destdir/etc/cron.d/cpuagg" "$prefix/bin/cpuagg"
  folders=$(cat "$destdir$made" 2>/dev/null || true)
  for file in $files; do
    [ "$file" = bin/cpuagg ] || rm -f "$destdir$(place_of "$file")"
  done
  rm -f "$destdir$made" "$destdir$prefix/bin/cpuagg"
  for folder in $folders "$destdir$prefix/lib/cpuagg" "$destdir$prefix/share/cpuagg" "$destdir$prefix/share/doc/cpuagg/examples" "$destdir$prefix/share/doc/cpuagg"; do
    rmdir "$folder" 2>/dev/null || true
  done
  if is_running_systemd; then systemctl daemon-reload; fi
  say "cpuagg is removed from $destdir$prefix"
  say "configuration (/etc/cpuagg), history (/var/lib/cpuagg) and the user cpuagg stay; to delete them:"
  # A person of this name does not belong to cpuagg.
  number=$(getent passwd cpuagg | cut -d : -f 3)
  if [ "${number:-1000}" -lt 1000 ]; then
    say "rm -r /etc/cpuagg /var/lib/cpuagg && userdel cpuagg"
  else
    say "rm -r /etc/cpuagg /var/lib/cpuagg"
  fi
  exit 0
fi

new_folders=
for file in $files; do
  place=$destdir$(place_of "$file")
  mode=644
  [ "$file" != bin/cpuagg ] || mode=755
  make_folder "$(dirname "$place")"
  # Written to a temporary name first, since a running program cannot be overwritten.
  new=$(mktemp "$place.XXXXXX")
  case $file in
    *.service) sed "s|/usr/bin/cpuagg|$prefix/bin/cpuagg|" "$here/$file" >"$new" ;;
    *) cp "$here/$file" "$new" ;;
  esac
  chmod "$mode" "$new"
  mv -fT "$new" "$place"
done
if [ -z "$destdir" ] && [ -n "$new_folders" ]; then
  # Deeper folders come first.
  new=$(mktemp "$made.XXXXXX")
  printf '%s%s' "$new_folders" "$(cat "$made" 2>/dev/null || true)" >"$new"
  chmod 644 "$new"
  mv -fT "$new" "$made"
fi
say "program, manual, completions and units are in $destdir$prefix and $destdir$units"

mkdir -p "$destdir/etc/cpuagg"
if [ -e "$destdir/etc/cpuagg/cpuagg.env" ] || [ -L "$destdir/etc/cpuagg/cpuagg.env" ]; then
  say "/etc/cpuagg/cpuagg.env stays as it is"
else
  install -m 0640 "$here/etc/cpuagg/cpuagg.env" "$destdir/etc/cpuagg/cpuagg.env"
fi
if [ -n "$destdir" ]; then
  say "the user, the store and the token's file are left to systemd-sysusers and systemd-tmpfiles"
  exit 0
fi

getent passwd cpuagg >/dev/null || say "making the user cpuagg, member of adm"
make_user "$here/lib/sysusers.d/cpuagg.conf"
make_store
make_token_file
share_configuration
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
