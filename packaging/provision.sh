# shellcheck shell=sh
# The common part of postinst and install.sh: the user, the store, the configuration and the token's empty file. say()
# reports an obstacle, with the command that fixes it, and nothing fails. Nothing is changed behind a link, and nothing
# of others.

# The entry of dpkg-statoverride for $1: "OWNER GROUP MODE PATH".
chosen_by_admin() { command -v dpkg-statoverride >/dev/null && dpkg-statoverride --list "$1"; }

# $1: the file for systemd-sysusers.
make_user() {
  if ! getent passwd cpuagg >/dev/null && command -v systemd-sysusers >/dev/null; then
    systemd-sysusers "$1" 2>/dev/null || true
  fi
  getent group cpuagg >/dev/null || groupadd --system cpuagg
  getent passwd cpuagg >/dev/null ||
    useradd --system --gid cpuagg --home-dir /var/lib/cpuagg --no-create-home \
      --shell "$(command -v nologin || echo /usr/sbin/nologin)" --comment "CPU usage per user" cpuagg
  IFS=: read -r _ _ number _ _ home shell <<ENTRY
$(getent passwd cpuagg)
ENTRY
  login=
  case $home in /home/*) [ ! -d "$home" ] || login="home $home" ;; esac
  case $shell in */nologin | */false) ;; *) login="shell ${shell:-/bin/sh}" ;; esac
  [ "$number" -lt 1000 ] || login="number $number"
  if [ -n "$login" ]; then
    say "the user cpuagg ($login) is not a system user, and is not added to adm, the group that reads logs; the units run as this user"
    say "if it is a person, rename user and group (usermod --login, groupmod --new-name), and install cpuagg again"
  elif ! id -nG cpuagg | tr ' ' '\n' | grep -qx adm; then
    getent group adm >/dev/null || groupadd --system adm
    usermod --append --groups adm cpuagg || say "the user cpuagg is not in adm, the group that reads the accounting file; the units run without it"
  fi
}

make_store() {
  store=/var/lib/cpuagg
  if [ -L "$store" ]; then
    target=$(readlink -m "$store")
    if [ ! -d "$store" ]; then
      say "$store leads to $target, which is not a folder; mount it or make it, then run: cpuagg setup"
    elif [ "$(stat -L -c %U "$store")" != cpuagg ]; then
      say "$store leads to $target, which does not belong to the user cpuagg, and stays so; if it is the store: chown -R cpuagg:cpuagg $target"
    fi
  elif [ ! -e "$store" ]; then
    # shellcheck disable=SC2046  # the words are the arguments
    set -- $(chosen_by_admin "$store" || echo cpuagg cpuagg 0750)
    problem=$(install -d -o "${1#\#}" -g "${2#\#}" -m "$3" "$store" 2>&1) || say "there is no store yet ($problem); when that is fixed, run: cpuagg setup"
  elif [ ! -d "$store" ]; then
    say "$store is not a folder; move it away, then run: cpuagg setup"
  else
    case $(stat -c %U "$store") in
      root) chosen_by_admin "$store" >/dev/null || give_store ;;
      UNKNOWN)
        number=$(stat -c %u "$store")
        say "$store belongs to user id $number, which has no account; if it was cpuagg: chown -R --from=$number cpuagg:cpuagg $store"
        ;;
    esac
  fi
}

# A store filled by root's crontab is given to the units' user. Nobody else could change files
# during the search.
give_store() {
  if problem=$(find "$store" -xdev -user root \( -type d -o -links 1 \) -exec chown -h cpuagg:cpuagg {} + 2>&1) &&
    problem=$(chmod 0750 "$store" 2>&1); then
    say "$store, which was root's, is the user cpuagg's now"
  else
    say "$store is root's, and cannot be given to cpuagg ($(echo "$problem" | head -n 1)); when that is fixed, run: cpuagg setup"
  fi
}

make_token_file() {
  token=/etc/cpuagg/bot_token
  if [ -L "$token" ] && [ ! -e "$token" ]; then
    say "$token leads to $(readlink -m "$token"), which does not exist; the units that send cannot start without it"
  elif [ -d "$token" ]; then
    say "$token is a folder and not a file, as docker makes one for a missing file to mount; to fix it: rmdir $token && cpuagg setup"
  elif [ ! -e "$token" ]; then
    # shellcheck disable=SC2046  # the words are the arguments
    set -- $(chosen_by_admin "$token" || echo root root 0600)
    install -o "${1#\#}" -g "${2#\#}" -m "$3" /dev/null "$token"
  fi
}

# The configuration is installed as root:root 0640, since a package cannot know the group's number.
# Any other owner or mode is the admin's choice.
share_configuration() {
  configuration=/etc/cpuagg/cpuagg.env
  if [ "$(stat -c '%U:%G %a' "$configuration" 2>/dev/null)" = "root:root 640" ] && ! chosen_by_admin "$configuration" >/dev/null; then
    chgrp cpuagg "$configuration"
  fi
}
