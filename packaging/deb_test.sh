#!/bin/bash
# deb_test.sh DEB VERSION SYMBOLS MAKE_DEB RELEASE_DATE FILE...: tests the contents of the Debian
# package.
set -uo pipefail
. packaging/testing/check.sh
deb=$1 version=$2 symbols=$3 make_deb=$4 release_date=$5
shift 5
root=$TEST_TMPDIR/root control=$TEST_TMPDIR/control
dpkg-deb --extract "$deb" "$root"
dpkg-deb --control "$deb" "$control"

# Modes, owners and paths. All directories have the same mode, and documents (in lower case) are
# those of docs/.
documents='\./usr/share/doc/cpuagg/[a-z_]*\.md$'
expect_equal "the files" "\
-rw-r----- root/root ./etc/cpuagg/cpuagg.env
-rwxr-xr-x root/root ./usr/bin/cpuagg
-rw-r--r-- root/root ./usr/lib/systemd/system/cpuagg-collect.service
-rw-r--r-- root/root ./usr/lib/systemd/system/cpuagg-collect.timer
-rw-r--r-- root/root ./usr/lib/systemd/system/cpuagg-deliver.service
-rw-r--r-- root/root ./usr/lib/systemd/system/cpuagg-deliver.timer
-rw-r--r-- root/root ./usr/lib/systemd/system/cpuagg-report.service
-rw-r--r-- root/root ./usr/lib/systemd/system/cpuagg-report.timer
-rw-r--r-- root/root ./usr/lib/sysusers.d/cpuagg.conf
-rw-r--r-- root/root ./usr/lib/tmpfiles.d/cpuagg.conf
-rw-r--r-- root/root ./usr/share/bash-completion/completions/cpuagg
-rw-r--r-- root/root ./usr/share/cpuagg/accounting_record.proto
-rw-r--r-- root/root ./usr/share/cpuagg/cpuagg.env
-rw-r--r-- root/root ./usr/share/cpuagg/cpuagg.rules.yml
-rw-r--r-- root/root ./usr/share/cpuagg/grafana.json
-rw-r--r-- root/root ./usr/share/doc/cpuagg/CHANGELOG.md.gz
-rw-r--r-- root/root ./usr/share/doc/cpuagg/changelog.gz
-rw-r--r-- root/root ./usr/share/doc/cpuagg/copyright
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/accounting-service.conf
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/hidepid.conf
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/network-user-directory.conf
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/other-store.conf
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/push.conf
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/report-time.conf
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/root-only-accounting-file.conf
-rw-r--r-- root/root ./usr/share/doc/cpuagg/examples/textfile.conf
-rw-r--r-- root/root ./usr/share/fish/vendor_completions.d/cpuagg.fish
-rw-r--r-- root/root ./usr/share/lintian/overrides/cpuagg
-rw-r--r-- root/root ./usr/share/man/man1/cpuagg.1.gz
-rw-r--r-- root/root ./usr/share/man/man5/cpuagg.env.5.gz
-rw-r--r-- root/root ./usr/share/zsh/vendor-completions/_cpuagg" \
  "$(dpkg-deb --contents "$deb" | grep -v -e '^d' -e "$documents" | awk '{ print $1, $2, $6 }')"
expect_equal "the documents" "$(cd docs && printf '%s\n' *.md)" \
  "$(dpkg-deb --contents "$deb" | grep -e "^-rw-r--r-- root/root .*$documents" | sed 's|.*/||')"
# The files that messages and manual pages refer to.
named=$({
  strings "$root/usr/bin/cpuagg"
  zcat "$root"/usr/share/man/man?/*.gz
  cat "$root/usr/share/cpuagg/cpuagg.env" "$root"/usr/lib/systemd/system/* "$root"/usr/share/doc/cpuagg/examples/*
} | grep -oE '(docs|/usr/share/doc/cpuagg)/[A-Za-z0-9_/.-]+\.(md|conf|gz)' | sed 's|^docs/|/usr/share/doc/cpuagg/|' | sort -u)
grep -qx /usr/share/doc/cpuagg/install.md <<<"$named" || failed "the program names no documents: $named"
for document in $named; do
  [ -f "$root$document" ] || failed "$document is named and not there"
done
# And those that documents do.
named=$(grep -ohE '/usr/share/cpuagg/[a-z_.]+[a-z]' "$root"/usr/share/doc/cpuagg/*.md | sort -u)
grep -qx /usr/share/cpuagg/cpuagg.rules.yml <<<"$named" || failed "no document names the rules: $named"
for file in $named; do
  [ -f "$root$file" ] || failed "$file is named and not there"
done
expect_equal "the directories" "drwxr-xr-x root/root" \
  "$(dpkg-deb --contents "$deb" | grep '^d' | awk '{ print $1, $2 }' | sort -u)"
expect_equal "the times" "$release_date" "$(dpkg-deb --contents "$deb" | awk '{ print $4 }' | sort -u)"
expect_equal "the conffiles" /etc/cpuagg/cpuagg.env "$(cat "$control/conffiles")"
# setup and the admin edit this file. If it changed, dpkg would ask, and stop if nobody answers.
cmp testdata/formats/1.0.0/etc_cpuagg.env "$root/etc/cpuagg/cpuagg.env" || failed "the conffile is another one than in 1.0.0"
(cd "$root" && md5sum --check --quiet) <"$control/md5sums" || failed "the md5sums"
expect_equal "what has no md5sum" etc/cpuagg/cpuagg.env \
  "$(cd "$root" && find . -type f -printf '%P\n' | grep -vxFf <(awk '{ print $2 }' "$control/md5sums"))"

# The version is that of the program.
expect_equal "the version of the package" "$version" "$(dpkg-deb --field "$deb" Version)"
expect_equal "the version of the program" "cpuagg $version" "$("$root/usr/bin/cpuagg" --version)"
expect_equal "the changelog's first line" "cpuagg ($version) unstable; urgency=medium" \
  "$(zcat "$root/usr/share/doc/cpuagg/changelog.gz" | head -1)"
expect_equal "the architecture" "$(dpkg --print-architecture)" "$(dpkg-deb --field "$deb" Architecture)"

# One package for Debian 12 and 13, Ubuntu 22.04 and 24.04: all of them have these libraries under
# these names.
expect_equal "what it depends on" "libbz2-1.0 libc6 libgcc-s1 libisal2 liblzma5 libstdc++6 passwd zlib1g" \
  "$(dpkg-deb --field "$deb" Depends | tr , '\n' | awk '{ print $1 }' | sort | paste -sd ' ')"
expect_equal "glibc newer than Ubuntu 22.04's" "" \
  "$(objdump -T "$root/usr/bin/cpuagg" | grep -o 'GLIBC_2\.[0-9]*' | sort -u | awk -F. '$2 > 35')"

# The package has no symbols, and the separate symbols belong to its program.
build_id() { readelf --notes "$1" 2>/dev/null | sed -n 's/.*Build ID: //p'; }
expect_equal "the symbols in the program" "0" "$(readelf --symbols --wide "$root/usr/bin/cpuagg" | grep -c "'.symtab'")"
[ -n "$(build_id "$symbols")" ] || failed "the symbols have no build id"
expect_equal "the build id" "$(build_id "$symbols")" "$(build_id "$root/usr/bin/cpuagg")"
# Without -q, with which grep may end before readelf has written everything, and readelf fails.
readelf --symbols --wide "$symbols" 2>/dev/null | grep ' FUNC .* main$' >/dev/null || failed "the symbols do not have main()"
expect_equal "the name of the symbols' file" "$(basename "$symbols")" \
  "$(readelf --string-dump=.gnu_debuglink "$root/usr/bin/cpuagg" | sed -n 's/.*\(cpuagg[^ ]*\.debug\).*/\1/p')"

# Building it again, elsewhere and as another user, gives the same bytes.
again=$TEST_TMPDIR/again.deb
(umask 077 && mkdir "$TEST_TMPDIR/elsewhere" && TMPDIR=$TEST_TMPDIR/elsewhere TZ=Asia/Tokyo LC_ALL=C.UTF-8 \
  "$make_deb" "$again" "$version" "$release_date" "$(dpkg --print-architecture)" "$@") || failed "make_deb.sh"
cmp "$deb" "$again" || failed "made again, the package is another one"

for script in postinst prerm postrm; do
  expect_ok sh -n "$control/$script"
  if command -v shellcheck >/dev/null; then expect_ok shellcheck "$control/$script"; fi
done
finish
