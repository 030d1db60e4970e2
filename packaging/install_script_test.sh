#!/bin/bash
# install_script_test.sh TAR: tests the tarball's install.sh as root, and what --uninstall leaves.
set -uo pipefail
. packaging/testing/check.sh
tar=$(realpath "$1")
. packaging/testing/copy_of_machine.sh
tar --extract --file="$tar" --directory="$root/tmp" --strip-components=1 --one-top-level=unpacked

# run STATUS WORD...: runs install.sh; $output is its output.
run() {
  local status=$1
  shift
  output=$(in_root /tmp/unpacked/install.sh "$@" 2>&1)
  expect_equal "the status of install.sh $*" "$status" $?
}
# The folders that it writes to, without backup files of programs that create users.
listing() {
  in_root find /opt /usr/local /usr/lib/systemd /etc /var/lib/cpuagg -not -path '/etc/*-' -printf '%p %y %m\n' 2>/dev/null | sort
}
in_root mkdir -p /opt /usr/local/share/man
run 0
in_root userdel cpuagg && in_root rm -rf /etc/cpuagg /var/lib/cpuagg
run 0 --uninstall

for prefix in /usr/local /opt/deep/cpuagg; do
  echo "--- $prefix"
  before=$(listing)
  run 0 --prefix "$prefix"
  expect_equal "owners and modes" "$as_made" "$(modes)"
  expect_equal "the groups of the user" "adm cpuagg" "$(in_root id -nG cpuagg | tr ' ' '\n' | sort | paste -sd ' ')"
  # Again, as from a newer tarball.
  run 0 --prefix "$prefix"
  printf '# Written by cpuagg setup; cpuagg setup --undo removes it.\n*/15 * * * *  root  %s/bin/cpuagg collect --quiet\n' "$prefix" >"$root/etc/cron.d/cpuagg"

  asked >/dev/null
  run 1 --prefix /opt/wrong --uninstall
  expect_equal "the messages about the wrong prefix" \
    "install.sh: there is no /opt/wrong/bin/cpuagg: nothing is removed; name the folder it was installed in with --prefix" "$output"
  expect_equal "what systemd is asked then" "" "$(asked)"
  [ -e "$root/etc/cron.d/cpuagg" ] || failed "the wrong prefix has taken the lines for cron"

  run 0 --prefix "$prefix" --uninstall
  expect_equal "what is left" "$before" "$(listing | grep -v -e '^/etc/cpuagg' -e '^/var/lib/cpuagg')"
  run 1 --prefix "$prefix" --uninstall
  in_root userdel cpuagg && in_root rm -rf /etc/cpuagg /var/lib/cpuagg
done

echo "--- lines for cron that setup did not write"
run 0
printf '%s\n' '# Written by cpuagg setup; cpuagg setup --undo removes it.' '0 3 * * * root /root/backup' \
  '*/15 * * * *  root  /usr/local/bin/cpuagg collect --quiet' >"$root/etc/cron.d/cpuagg"
run 0 --uninstall
grep -qxF 'install.sh: /etc/cron.d/cpuagg stays, with lines in it that cpuagg setup did not write' <<<"$output" ||
  failed "no message about lines of the admin's: $output"
expect_equal "the lines that stay" "0 3 * * * root /root/backup" "$(cat "$root/etc/cron.d/cpuagg")"

echo "--- links in the way"
in_root install -m 0644 /dev/null /srv/other
echo mine >"$root/srv/other"
for file in bin/cpuagg lib/cpuagg/folders share/man/man1/cpuagg.1.gz; do
  in_root mkdir -p "$(dirname "/opt/links/$file")"
  in_root ln -sf /srv/other "/opt/links/$file"
  in_root ln -sf /srv/other "/opt/links/$file.new"
done
run 0 --prefix /opt/links
expect_equal "the file behind the links" mine "$(cat "$root/srv/other")"
[ ! -L "$root/opt/links/bin/cpuagg" ] || failed "the program is a link"
finish
