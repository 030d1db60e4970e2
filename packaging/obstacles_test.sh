#!/bin/bash
# obstacles_test.sh DEB TAR: tests the package and the tarball's install.sh on machines with
# obstacles: links, accounts and folders of others. Both install, change none of these, and print
# how to go on.
set -uo pipefail
. packaging/testing/check.sh
deb=$(realpath "$1") tar=$(realpath "$2")
. packaging/testing/copy_of_machine.sh

# Not compressed, since it is unpacked often.
dpkg-deb --raw-extract "$deb" "$TEST_TMPDIR/package"
dpkg-deb --root-owner-group --build -Znone "$TEST_TMPDIR/package" "$root/tmp/cpuagg.deb" >/dev/null
tar --extract --file="$tar" --directory="$root/tmp" --strip-components=1 --one-top-level=unpacked
in_root groupadd --force --system adm

install_package() { run_dpkg --no-triggers --force-unsafe-io --install /tmp/cpuagg.deb; }
install_tarball() {
  output=$(in_root /tmp/unpacked/install.sh 2>&1) || failed "install.sh:
$output"
}
# All messages about obstacles.
said() {
  grep -v -e 'program, manual' -e 'making the user' -e 'stays as it is' -e 'cannot read' -e 'install -D' -e 'next: ' -e 'nothing collects or reports' <<<"$output" |
    sed -n 's/^\(cpuagg\|install\.sh\): //p'
}
# Restores the original state.
clean_up() {
  in_root umount /var/lib/cpuagg 2>/dev/null
  in_root dpkg --no-triggers --force-unsafe-io --purge cpuagg >/dev/null 2>&1
  in_root rm -rf /etc/cpuagg /var/lib/cpuagg /srv/store /srv/secret /etc/cron.d/cpuagg
  in_root userdel cpuagg 2>/dev/null
  in_root groupdel cpuagg 2>/dev/null
  asked >/dev/null
}
owner_of() { in_root stat -c '%U:%G %a' "$1"; }

for installation in install_package install_tarball; do
  echo "--- $installation: links"
  clean_up
  in_root mkdir -p /etc/cpuagg
  in_root ln -s /srv/secret/token /etc/cpuagg/bot_token
  in_root ln -s /srv/store /var/lib/cpuagg
  $installation
  expect_equal "the messages about links to nothing" "\
/var/lib/cpuagg leads to /srv/store, which is not a folder; mount it or make it, then run: cpuagg setup
/etc/cpuagg/bot_token leads to /srv/secret/token, which does not exist; the units that send cannot start without it" "$(said)"
  expect_equal "the links" "/srv/secret/token /srv/store" "$(in_root readlink /etc/cpuagg/bot_token /var/lib/cpuagg | paste -sd ' ')"

  in_root install -d -m 0700 /srv/store /srv/secret
  in_root install -m 0600 /dev/null /srv/store/mine
  echo 123456789:AAE >"$root/srv/secret/token"
  $installation
  expect_equal "the messages about a link to a folder of root's" \
    "/var/lib/cpuagg leads to /srv/store, which does not belong to the user cpuagg, and stays so; if it is the store: chown -R cpuagg:cpuagg /srv/store" "$(said)"
  expect_equal "root's folder behind the link" "root:root 700 root:root 600" "$(owner_of /srv/store) $(owner_of /srv/store/mine)"
  expect_equal "the token behind the link" 123456789:AAE "$(cat "$root/srv/secret/token")"
  # The suggested command works.
  in_root chown -R cpuagg:cpuagg /srv/store
  $installation
  expect_equal "the messages about a link to the store" "" "$(said)"

  echo "--- $installation: a store that cannot be given away"
  clean_up
  in_root mkdir -m 0700 /var/lib/cpuagg
  mount -t tmpfs -o ro,mode=0700 tmpfs "$root/var/lib/cpuagg"
  $installation
  expect_equal "the messages about it" "/var/lib/cpuagg is root's, and cannot be given to cpuagg (chown: changing ownership of \
'/var/lib/cpuagg': Read-only file system); when that is fixed, run: cpuagg setup" "$(said)"
  clean_up
  in_root touch /var/lib/cpuagg
  $installation
  expect_equal "the messages about a file" "/var/lib/cpuagg is not a folder; move it away, then run: cpuagg setup" "$(said)"

  echo "--- $installation: a store of root's"
  clean_up
  in_root install -d -m 0755 /var/lib/cpuagg/snapshots
  in_root touch /var/lib/cpuagg/snapshots/one /tmp/other_name
  in_root ln -s /etc/passwd /var/lib/cpuagg/link
  in_root install -m 0600 /dev/null /var/lib/file_of_root
  in_root ln /var/lib/file_of_root /var/lib/cpuagg/second_name
  $installation
  expect_equal "owners and modes" "$as_made" "$(modes)"
  expect_equal "what is given, and what is not" "cpuagg:cpuagg 755 cpuagg:cpuagg 644 root:root 644 root:root 600" \
    "$(owner_of /var/lib/cpuagg/snapshots) $(owner_of /var/lib/cpuagg/snapshots/one) $(owner_of /etc/passwd) $(owner_of /var/lib/file_of_root)"
  in_root rm /var/lib/file_of_root

  echo "--- $installation: a store of a user who is gone"
  clean_up
  in_root install -d -m 0750 -o 987 -g 987 /var/lib/cpuagg
  in_root install -m 0640 -o 987 -g 987 /dev/null /var/lib/cpuagg/lock
  $installation
  expect_equal "the messages" \
    "/var/lib/cpuagg belongs to user id 987, which has no account; if it was cpuagg: chown -R --from=987 cpuagg:cpuagg /var/lib/cpuagg" "$(said)"
  in_root chown -R --from=987 cpuagg:cpuagg /var/lib/cpuagg
  $installation
  expect_equal "the messages after it" "" "$(said)"

  echo "--- $installation: a person of this name"
  for person in "--uid 2000 --shell /bin/bash:number 2000" "--system --shell /bin/sh:shell /bin/sh" \
    "--uid 2000 --shell /usr/sbin/nologin:number 2000" "--system --shell /usr/sbin/nologin --home-dir /home/cpuagg --create-home:home /home/cpuagg"; do
    clean_up
    # shellcheck disable=SC2086  # several words are what is meant
    in_root useradd --user-group ${person%%:*} cpuagg
    $installation
    expect_equal "the messages about ${person%%:*}" "\
the user cpuagg (${person#*:}) is not a system user, and is not added to adm, the group that reads logs; the units run as this user
if it is a person, rename user and group (usermod --login, groupmod --new-name), and install cpuagg again" "$(said)"
    expect_equal "the groups of ${person%%:*}" cpuagg "$(in_root id -nG cpuagg)"
    in_root rm -rf /home/cpuagg
  done
  clean_up
  in_root useradd --system --home-dir / --shell /bin/false cpuagg
  $installation
  expect_equal "the groups of a user of the system's" "adm cpuagg" "$(in_root id -nG cpuagg | tr ' ' '\n' | sort | paste -sd ' ')"

  echo "--- $installation: what the admin has chosen"
  for choice in "root:root 600" "root:staff 640" "root:root 440" "root:cpuagg 440"; do
    in_root chown "${choice% *}" /etc/cpuagg/cpuagg.env
    in_root chmod "${choice#* }" /etc/cpuagg/cpuagg.env
    $installation
    expect_equal "the configuration's owner and mode" "$choice" "$(owner_of /etc/cpuagg/cpuagg.env)"
  done
  clean_up
  in_root mkdir -m 0755 /etc/cpuagg
  in_root ln -s /srv/secret/settings /etc/cpuagg/cpuagg.env
  in_root install -D -m 0640 /dev/null /srv/secret/settings
  $installation
  expect_equal "the owner of a configuration behind a link" "root:root 640" "$(owner_of /srv/secret/settings)"
  clean_up
  in_root dpkg-statoverride --add root root 640 /etc/cpuagg/cpuagg.env
  in_root dpkg-statoverride --add root adm 0640 /etc/cpuagg/bot_token
  in_root dpkg-statoverride --add root adm 2770 /var/lib/cpuagg
  for attempt in first second; do
    $installation
    expect_equal "with dpkg-statoverride, the $attempt time" "root:root 755 /etc/cpuagg
root:adm 640 /etc/cpuagg/bot_token
root:root 640 /etc/cpuagg/cpuagg.env
root:adm 2770 /var/lib/cpuagg" "$(modes)"
  done
  for path in /etc/cpuagg/cpuagg.env /etc/cpuagg/bot_token /var/lib/cpuagg; do in_root dpkg-statoverride --remove "$path" 2>/dev/null; done
done
finish
