#!/bin/bash
# make_tar.sh OUT VERSION RELEASE_DATE ARCHITECTURE FILE...: builds a tarball with an install.sh
# from the files. The same files give the same bytes.
set -euo pipefail
out=$1 version=$2 release_date=$3 architecture=$4
shift 4
# shellcheck source=layout.sh
. "$(dirname "$0")/layout.sh"

export LC_ALL=C TZ=UTC
epoch=$(date --date="$release_date" +%s)
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
name=cpuagg-$version-linux-$architecture
root=$work/root top=$work/$name

for file; do
  case $(basename "$file") in
    copyright.tar) libraries=$file ;;
    install.sh)
      mkdir -p "$top"
      put_together "$file" >"$top/install.sh"
      chmod 0755 "$top/install.sh"
      ;;
    provision.sh | cron_file.sh) ;;
    libisal.so.2) install -D -m 0644 "$file" "$root/usr/lib/cpuagg/libisal.so.2" ;;
    *) lay_out "$root" "$file" ;;
  esac
done
# The license of the included library, and the license text that Debian's copyright files only refer
# to.
cat "$libraries" >>"$root/usr/share/doc/cpuagg/copyright"
install -m 0644 /usr/share/common-licenses/Apache-2.0 "$root/usr/share/doc/cpuagg/Apache-2.0"
# Debian's vendor-completions is not a folder of zsh.
mv "$root/usr/share/zsh/vendor-completions" "$root/usr/share/zsh/site-functions"
mv "$root/usr/"* "$root/etc" "$top"
as_released "$epoch" "$top"

tar --directory="$work" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu --create "$name" |
  xz -9 --threads=1 >"$out"
