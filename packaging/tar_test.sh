#!/bin/bash
# tar_test.sh TAR VERSION MAKE_TAR RELEASE_DATE FILE...: tests the contents of the tarball, and its
# install.sh.
set -uo pipefail
. packaging/testing/check.sh
tar=$1 version=$2 make_tar=$3 release_date=$4
shift 4
architecture=$(dpkg --print-architecture)
name=cpuagg-$version-linux-$architecture
tar --extract --file="$tar" --directory="$TEST_TMPDIR"
top=$TEST_TMPDIR/$name

expect_equal "the owners and times" "0/0 $release_date" \
  "$(TZ=UTC tar --list --verbose --numeric-owner --file="$tar" | awk '{ print $2, $4 }' | sort -u)"
expect_equal "what is executable" "bin/cpuagg install.sh" \
  "$(cd "$top" && find . -type f -perm /111 -printf '%P\n' | LC_ALL=C sort | paste -sd ' ')"

# It needs a C library no newer than that of RHEL 9, and the library that comes with it.
expect_equal "the libraries" "libc libisal libm" \
  "$(readelf --dynamic "$top/bin/cpuagg" | sed -n 's/.*NEEDED.*\[\(lib[a-z+_]*\)\.so.*/\1/p' | sort | paste -sd ' ')"
expect_equal "glibc newer than 2.34" "" \
  "$(objdump -T "$top/bin/cpuagg" "$top/lib/cpuagg/libisal.so.2" 2>/dev/null | grep -o 'GLIBC_2\.[0-9]*' | sort -u | awk -F. '$2 > 34')"
expect_equal "where ISA-L is found" "$top/bin/../lib/cpuagg/libisal.so.2" \
  "$(ldd "$top/bin/cpuagg" | sed -n 's/.*libisal.* => \([^ ]*\) .*/\1/p' | sed "s|^$PWD/||")"
expect_equal "the version" "cpuagg $version" "$("$top/bin/cpuagg" --version)"
# Throwing and catching exceptions works with the program's own _dl_find_object().
"$top/bin/cpuagg" report --no-such-flag 2>/dev/null
expect_equal "the status of a wrong flag" 2 $?

again=$TEST_TMPDIR/again.tar.xz
(umask 077 && TZ=Asia/Tokyo "$make_tar" "$again" "$version" "$release_date" "$architecture" "$@") || failed "make_tar.sh"
cmp "$tar" "$again" || failed "made again, the tarball is another one"

# Below a folder, as for building a package.
root=$(cd "$TEST_TMPDIR" && pwd)/destination
expect_ok env DESTDIR="$root" "$top/install.sh" --prefix /opt/cpuagg
expect_equal "the program's mode" 755 "$(stat -c %a "$root/opt/cpuagg/bin/cpuagg")"
expect_equal "the installed program" "cpuagg $version" "$("$root/opt/cpuagg/bin/cpuagg" --version)"
expect_equal "what the unit starts" "ExecStart=/opt/cpuagg/bin/cpuagg collect --quiet" \
  "$(grep ExecStart "$root/etc/systemd/system/cpuagg-collect.service")"
expect_equal "the units" 6 "$(find "$root/etc/systemd/system" -type f | wc -l)"
expect_equal "the configuration's mode" 640 "$(stat -c %a "$root/etc/cpuagg/cpuagg.env")"
for file in man/man1/cpuagg.1.gz cpuagg/cpuagg.rules.yml cpuagg/grafana.json; do
  [ -f "$root/opt/cpuagg/share/$file" ] || failed "$file is not there"
done

echo KEEP=2y >"$root/etc/cpuagg/cpuagg.env"
expect_ok env DESTDIR="$root" "$top/install.sh" --prefix=/opt/cpuagg/
expect_equal "the configuration after an upgrade" KEEP=2y "$(cat "$root/etc/cpuagg/cpuagg.env")"

expect_ok env DESTDIR="$root" "$top/install.sh" --prefix /opt/cpuagg --uninstall
expect_equal "what stays" etc/cpuagg/cpuagg.env "$(cd "$root" && find . -type f -printf '%P\n')"

expect_ok env DESTDIR="$root" "$top/install.sh"
[ -f "$root/usr/local/lib/systemd/system/cpuagg-report.timer" ] || failed "systemd would not find the units in /usr/local"
expect_equal "nothing but systemd's files beside the prefix" "etc usr" "$(cd "$root" && find . -mindepth 1 -maxdepth 1 -printf '%P\n' | sed '/^opt$/d' | sort | paste -sd ' ')"

for arguments in "--prefix relative" "--prefix" "--no-such-flag" "--prefix /a|b"; do
  # shellcheck disable=SC2086  # two words are what is meant
  if DESTDIR=$root "$top/install.sh" $arguments >/dev/null 2>&1; then failed "install.sh takes $arguments"; fi
done
expect_ok sh -n "$top/install.sh"
if command -v shellcheck >/dev/null; then expect_ok shellcheck "$top/install.sh"; fi
finish
