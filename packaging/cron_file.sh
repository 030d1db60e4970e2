# shellcheck shell=sh
# What postrm and install.sh have in common: whether /etc/cron.d/cpuagg may go with the program.

# Whether each line of the file $1 is one that cpuagg setup writes, or that cpuagg check says.
is_all_ours() {
  [ -f "$1" ] && [ ! -L "$1" ] && ! grep -Evqx -e '' -e '# Written by cpuagg setup;.*' -e 'SHELL=/bin/sh' \
    -e 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    -e '(\*/15 \* \* \* \*|0 7 \* \* \*|37 \* \* \* \*) +root +([-A-Za-z0-9/._+]*/)?cpuagg (collect --quiet|send --period last-day|send --pending --quiet)' "$1"
}

# Whether the file $1 is cpuagg setup's, and nobody has added to it.
is_of_setup() { is_all_ours "$1" && grep -q '^# Written by cpuagg setup' "$1"; }
