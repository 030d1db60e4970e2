#!/bin/bash
# Runs the commands of docs/cookbook.md on an invented fortnight of a machine, and compares what
# they print with the document.
#
#   cookbook_test.sh CPUAGG CLOCK COOKBOOK [--update]
#
# CLOCK is libshifted_clock.so: it is 20:10 on Wednesday, 2026-11-25. With --update, the document
# gets what they print.
set -u

cpuagg=$(realpath "$1")
clock=$(realpath "$2")
cookbook=$3
work=${TEST_TMPDIR:-$(mktemp -d)}
mkdir -p "$work/account"

cat >"$work/passwd" <<'END'
root:x:0:0::/root:/bin/sh
www-data:x:33:33::/var/www:/bin/sh
alice:x:1001:1001::/home/alice:/bin/sh
bob:x:1002:1002::/home/bob:/bin/sh
carol:x:1003:1003::/home/carol:/bin/sh
END

# A version 3 record (linux/acct.h) for each process, in the order in which they ended.
perl -e '
  sub comp_t { my ($value, $exponent) = (shift, 0);
               while ($value > 0x1fff) { $value >>= 3; $exponent++ }
               $exponent << 13 | $value }
  my $pid = 2000;
  sub process { my %p = (flag => 0, tty => 0, code => 0, uid => 0, parent => 812, elapsed => 1,
                         cpu => 1, kib => 4096, command => "sh", @_);
                print pack("CCSLLLLLLfSSSSSSSSa16", $p{flag}, 3, $p{tty}, $p{code}, $p{uid}, $p{uid},
                           ++$pid, $p{parent}, $p{end} - $p{elapsed}, $p{elapsed} * 100,
                           comp_t($p{cpu} * 90), comp_t($p{cpu} * 10), comp_t($p{kib}), 0, 0, 0, 0,
                           0, $p{command}) }
  my $first = 1794355200;  # 2026-11-11 00:00 UTC
  for my $hour (0 .. 14 * 24 + 19) {
    my $end = $first + 3600 * $hour + 1800;
    my $of_day = $hour % 24;
    process(end => $end, uid => 33, command => "php-fpm", elapsed => 900, cpu => 40 + $hour % 7);
    process(end => $end + 60, uid => 1001, command => "python3", elapsed => 1500,
            cpu => 1200 + 10 * ($hour % 11), kib => 2_000_000) if $of_day > 8 && $of_day < 19;
    process(end => $end + 120, uid => 1002, command => "cc1", elapsed => 300,
            cpu => 280 + $hour % 13, tty => 0x8803) if $of_day > 9 && $of_day < 13;
    process(end => $end + 180, uid => 1003, command => "R", elapsed => 7200, cpu => 7000,
            kib => 9_500_000) if $of_day == 22;
    process(end => $end + 240, command => "logrotate", flag => 2) if $of_day == 0;
  }
  my $today = $first + 14 * 86400;
  process(end => $today + 3600 * 20 + 100, uid => 1002, command => "cc1plus", code => 11 | 0x80,
          flag => 0x18, tty => 0x8803, elapsed => 5, cpu => 4, kib => 400_000);
  process(end => $today + 3600 * 20 + 200, uid => 1001, command => "python3", code => 9,
          flag => 0x10, elapsed => 30, cpu => 29, kib => 12_000_000);
  process(end => $today + 3600 * 20 + 300, uid => 1002, command => "make", code => 2 << 8,
          tty => 0x8803, elapsed => 40);
  process(end => $today + 3600 * 20 + 400, uid => 1001, command => "sudo", flag => 2);
' >"$work/account/pacct"

now=1795637400 # 2026-11-25 20:10 UTC
touch -d "@$now" "$work/account/pacct"
install -m 600 /dev/null "$work/env"
# What a user has typed, with the names and the configuration of this machine instead of the host's.
cpuagg() {
  local command=$1
  shift
  # `forget` asks for no names, and a flag may be given once.
  local flags=() preload=$clock
  [[ $command == forget || $command == export || " $* " == *" --passwd "* ]] || flags+=(--passwd "$work/passwd")
  [[ " $* " == *" --config "* ]] || flags+=(--config "$work/env")
  # `check` has a time limit, which a clock that is behind the kernel's ends at once.
  [[ $command != check || $(date +%s) -lt $now ]] || preload=
  LD_PRELOAD=$preload CLOCK_AT=$now "$cpuagg" "$command" "${flags[@]}" "$@"
}
export LC_ALL=C.UTF-8 TZ=UTC CPUAGG_HOST_NAME=lab01 CPUAGG_STORE=$work/store
export CPUAGG_ACCOUNTING_FILE=$work/account/pacct
mkdir "$work/store"
cpuagg collect --no-running --quiet || exit 1
cd "$work/account" || exit 1

# A day of the same machine with the /proc that it had: two processors, busy for a tenth more than
# the records of the day tell.
web01=$work/web01
mkdir -p "$web01/proc/sys/kernel/random" "$web01/proc/1"
echo 0123-4567 >"$web01/proc/sys/kernel/random/boot_id"
echo "1 (init) S 0 1 1 0 -1 4194560 1 1 1 1 0 0 0 0 20 0 1 0 1 1 1" >"$web01/proc/1/stat"
printf 'Uid:\t0\t0\t0\t0\n' >"$web01/proc/1/status"
# collect_at TIME RECORDS BUSY IDLE: both in hundredths of a second since the boot, on November 9.
collect_at() {
  local now=$1 booted=1794182400
  head -c $((64 * $2)) "$work/account/pacct" >"$web01/pacct"
  echo "$((now - booted)).00 0.00" >"$web01/proc/uptime"
  printf 'cpu %d 0 0 %d\ncpu0 0\ncpu1 0\nbtime %d\n' "$3" "$4" $booted >"$web01/proc/stat"
  CPUAGG_HOST_NAME=web01 \
    cpuagg collect --store "$web01/store" --accounting-file "$web01/pacct" --proc "$web01/proc" --quiet
}
collect_at 1795478400 1 1000000 2000000 || exit 1 # 2026-11-24 00:00 UTC
collect_at 1795564800 10000 3360000 16920000 || exit 1

# What runs on the machine at 20:10: process PID COMMAND UID USED BEGAN, both in hundredths of a
# second, the second since the boot on November 9.
proc=$work/proc
mkdir -p "$proc/sys/kernel/random"
echo 0123-4567 >"$proc/sys/kernel/random/boot_id"
echo "$((now - 1794182400)).00 0.00" >"$proc/uptime"
printf 'cpu 1 0 0 1\ncpu0 1 0 0 1\nbtime 1794182400\n' >"$proc/stat"
process() {
  mkdir "$proc/$1"
  echo "$1 ($2) S 0 1 1 0 -1 4194560 1 1 1 1 $4 0 0 0 20 0 1 0 $5 1 1" >"$proc/$1/stat"
  printf 'Uid:\t%d\t%d\t%d\t%d\n' "$3" "$3" "$3" "$3" >"$proc/$1/status"
}
process 1 systemd 0 7210 0
process 641 php-fpm 33 41233 1500
process 2711 python3 1001 512345 144000000
process 2714 python3 1001 498821 144000700
process 2802 R 1003 6500 145490000
export CPUAGG_PROC=$proc

# run_all <COOKBOOK: the document with what its commands print.
run_all() {
  local line is_console=
  while IFS= read -r line; do
    if [[ $is_console && $line != '$ '* && $line != '```' ]]; then continue; fi
    printf '%s\n' "$line"
    [[ $line != '```'* ]] || is_console=
    [[ $line != '```console' ]] || is_console=yes
    [[ ! $is_console || $line != '$ '* ]] || eval "${line#'$ '}" 2>&1 | sed "s|$work/store|/var/lib/cpuagg|g; s|$work/account|/var/log/account|g; s|$proc|/proc|g"
  done
}

printed=$work/cookbook.md
run_all <"$OLDPWD/$cookbook" >"$printed"
if [[ ${4:-} == --update ]]; then
  cp "$printed" "$OLDPWD/$cookbook"
elif ! diff "$OLDPWD/$cookbook" "$printed"; then
  echo "docs/cookbook.md does not say what its commands print"
  exit 1
fi
