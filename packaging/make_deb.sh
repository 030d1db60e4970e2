#!/bin/bash
# make_deb.sh OUT VERSION RELEASE_DATE ARCHITECTURE FILE...: builds a Debian package from the files.
# The same files give the same bytes. Needs dpkg-dev, but neither root nor a network.
set -euo pipefail
out=$1 version=$2 release_date=$3 architecture=$4
shift 4
# shellcheck source=layout.sh
. "$(dirname "$0")/layout.sh"

machine=$(dpkg --print-architecture)
if [ "$machine" != "$architecture" ]; then
  echo "make_deb.sh: the package is to be for $architecture, and this machine is $machine" >&2
  exit 1
fi

export LC_ALL=C TZ=UTC
SOURCE_DATE_EPOCH=$(date --date="$release_date" +%s)
export SOURCE_DATE_EPOCH
umask 022
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/DEBIAN" "$work/debian"

control=
for file; do
  case $(basename "$file") in
    postinst | prerm | postrm)
      put_together "$file" >"$root/DEBIAN/$(basename "$file")"
      chmod 0755 "$root/DEBIAN/$(basename "$file")"
      ;;
    provision.sh | cron_file.sh) ;;
    lintian-overrides) install -D -m 0644 "$file" "$root/usr/share/lintian/overrides/cpuagg" ;;
    control.in) control=$file ;;
    *) lay_out "$root" "$file" ;;
  esac
done
find "$root/etc" -type f -printf '/%P\n' | sed 's|^|/etc|' | sort >"$root/DEBIAN/conffiles"

maintainer=$(sed -n 's/^Maintainer: //p' "$control")
gzip -9n >"$root/usr/share/doc/cpuagg/changelog.gz" <<CHANGELOG
cpuagg ($version) unstable; urgency=medium

  * Release $version. CHANGELOG.md.gz lists what it has.

 -- $maintainer  $(date --date="@$SOURCE_DATE_EPOCH" --rfc-email)
CHANGELOG

# dpkg-shlibdeps requires a source package's debian/control, and prints to standard output with -O.
printf 'Source: cpuagg\n\nPackage: cpuagg\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O root/usr/bin/cpuagg | sed -n 's/^shlibs:Depends=//p')
size=$(find "$root" -path "$root/DEBIAN" -prune -o -type f -printf '%s\n' | awk '{ kib += int(($1 + 1023) / 1024) } END { print kib }')
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" -e "s/@DEPENDS@/$depends/" \
  "$control" >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

as_released "$SOURCE_DATE_EPOCH" "$root"
# One thread, since several divide the data into other blocks.
dpkg-deb --root-owner-group --build -Zxz --threads-max=1 "$root" "$out" >/dev/null
