#!/bin/bash
# Tests the package on a Debian machine that is booted, rebooted, and twice loses power while cpuagg
# runs. Then the package is upgraded, removed and purged. image.sh creates the machine, and guest.sh
# runs on it.
#
#   bazel test //packaging:boot_test --test_output=streamed
#
# Needs root, debootstrap (and so a Debian mirror) and qemu; prints a reason and skips if one is
# missing. With --test_env=BOOT_BASE=/some/where/base.tar, Debian's packages are kept there for the
# next time.
set -uo pipefail
boot=$(dirname "$(readlink -f "$0")")
PATH=$PATH:/usr/sbin:/sbin
first_deb=$(readlink -f "$1") next_deb=$(readlink -f "$2") fake_bot_api=$(readlink -f "$3")
readonly token=123456789:AAEboot-test-token-of-35-characters

skip() {
  echo "skipped: $1"
  exit 0
}
[ "$(id -u)" = 0 ] || skip "making a machine needs root"
for program in debootstrap mke2fs qemu-system-x86_64; do
  command -v $program >/dev/null || skip "$program is not installed (tools/setup.sh --machines does it)"
done

work=$(mktemp -d "${TEST_TMPDIR:-/tmp}/boot_test.XXXXXX")
qemu=
trap '[ -z "$qemu" ] || kill -9 "$qemu"; rm -rf --one-file-system "$work"' EXIT
log=$work/console
failures=0

fail() {
  echo "FAILED: $*"
  failures=$((failures + 1))
}
# Later results would be meaningless.
give_up() {
  fail "$@"
  echo "--- the last lines of the console"
  tail -n 40 "$log"
  cat "$work/qemu"
  exit 1
}

# said WORDS...: the text after these words on the console; if several lines match, the last.
said() { tr -d '\r' <"$log" | sed -n "s/^@ $* \\?//p" | tail -n 1; }
has_said() { grep -q "^@ $1" "$log"; }
# value N WORDS...: the Nth number of that text.
value() {
  local n=$1
  shift
  said "$@" | cut -d' ' -f"$n"
}

# wait_for WORDS SECONDS: waits for at most this long.
wait_for() {
  local begin=$SECONDS
  until has_said "$1"; do
    # The words may have been printed just before the machine ended.
    kill -0 "$qemu" 2>/dev/null || has_said "$1" || give_up "the machine ended before it said «$1»"
    [ $((SECONDS - begin)) -lt "$2" ] || give_up "the machine has not said «$1» in $2 s"
    [ "$SECONDS" -lt "$deadline" ] || give_up "twelve minutes are over, and the machine has not said «$1»"
    sleep 0.2
  done
}

# kvm_works: whether the kernel prints something within some seconds. In a virtual machine /dev/kvm
# may exist but be useless. Uses a plain processor: `max` and `host` have features that such a kvm
# refuses.
kvm_works() {
  [ -w /dev/kvm ] || return
  timeout 20 qemu-system-x86_64 -accel kvm -cpu qemu64 -m 512 -nographic -nodefaults -monitor none -no-reboot \
    -serial "file:$work/kvm" -kernel "$work/vmlinuz" -append "console=ttyS0 earlyprintk=ttyS0 panic=-1" 2>/dev/null &
  for _ in {1..15}; do
    sleep 1
    grep -q 'Linux version' "$work/kvm" 2>/dev/null && break
  done
  kill %% 2>/dev/null
  wait %% 2>/dev/null
  grep -q 'Linux version' "$work/kvm" 2>/dev/null
}

# power_on DAYS TIME: boots with a clock that shows this time, DAYS days from now.
power_on() {
  local clock
  clock=$(date --utc --date="$1 days" +%F)T$2
  echo "--- power on at $clock"
  qemu-system-x86_64 "${processor[@]}" -smp 1 -m 512 -nographic -nodefaults \
    -monitor none -chardev "file,id=console,path=$log,append=on" -serial chardev:console \
    -kernel "$work/vmlinuz" -initrd "$work/initrd" \
    -append "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0 mitigations=off" \
    -drive "file=$work/disk.img,format=raw,if=virtio,cache=writeback" \
    -rtc "base=$clock,clock=vm" 2>"$work/qemu" &
  qemu=$!
}

power_off() {
  kill -9 "$qemu"
  wait "$qemu" 2>/dev/null
  qemu=
  echo "--- power cut: $(said cut-now)"
}

# same WHAT EXPECTED ACTUAL
same() {
  if [ "$2" = "$3" ]; then
    printf 'ok: %s: %s\n' "$1" "$3"
  else
    fail "$1: expected «$2», and it is «$3»"
  fi
}
at_least() {
  if [ "${3:-0}" -ge "$2" ]; then
    printf 'ok: %s: %s, at least %s\n' "$1" "$3" "$2"
  else
    fail "$1: expected at least $2, and it is «$3»"
  fi
}

mkdir -p "$work"
: >"$log"
printf '%s' "$token" >"$work/token"
cp "$first_deb" "$work/first.deb"
cp "$next_deb" "$work/next.deb"
echo "--- making the machine"
begin=$SECONDS
unshare --mount "$boot/image.sh" "$work" "$boot/guest.sh" "$boot/telegram.service" "$boot/telegram.conf" "$boot/at_once.conf" "$fake_bot_api" \
  "$work/token" "$work/first.deb" "$work/next.deb" || { fail "no machine could be made"; exit 1; }
echo "made in $((SECONDS - begin)) s"

processor=(-accel "tcg,thread=multi" -cpu max)
kvm_works && processor=(-accel kvm -cpu qemu64)
echo "it runs with ${processor[*]}"

booted=$SECONDS
deadline=$((booted + 720))
power_on 1 10:00:30
wait_for 'boot 1' 200
wait_for 'store before-reboot bob' 120
wait_for 'boot 2' 200
wait_for 'cut-now in-the-rename' 200
power_off
power_on 1 10:17:00
wait_for 'boot 3' 200
wait_for 'store before-second-cut bob' 200
spinning_since=$SECONDS
wait_for 'cut-now one run after the other, 3' 100
sleep "0.$((RANDOM % 9 + 1))"
power_off
# More than the machine can have used since it printed that.
spun_at_most=$(((SECONDS - spinning_since + 2) * 100))
power_on 2 09:00:00
wait_for 'boot 4' 200
wait_for 'end' 200
wait "$qemu"
qemu=
echo "four boots in $((SECONDS - booted)) s"

echo "--- the output"
tr -d '\r' <"$log" | sed -n 's/^@ //p'
echo "--- compared; times are in hundredths of a second"
cpu() { value 1 "$@"; }
processes() { value 2 "$@"; }

same "accounting is on at each boot" "4" "$(grep -c '^@ accounting active' "$log")"
same "installed" "installed $(dpkg-deb --field "$work/first.deb" Version) cpuagg:cpuagg:750 root:cpuagg:640 root:root:600" "$(said installed new)"
same "no timer is on by itself" "collect=disabled,inactive report=disabled,inactive deliver=disabled,inactive" "$(said timers new)"
same "timers that the admin has enabled" "collect=enabled,active report=enabled,active deliver=enabled,active" "$(said timers enabled)"
same "runs of collect that did not succeed" "0" "$(grep '^@ collect' "$log" | grep -vc 'success')"

# of_jobs LABEL JOB...: the time of these jobs that did not become a record because of the power cut
# or the shutdown.
of_jobs() {
  local label=$1 job sum=0
  shift
  for job; do
    case " $(said sa-jobs "$label") " in
      *" $job "*) ;;
      *) sum=$((sum + $(said held "$job"))) ;;
    esac
  done
  echo $sum
}
for user in alice bob; do
  at_least "$user was at work" 1 "$(cpu store first $user)"
  at_least "a running job of $user is counted" 1 "$(value 3 store before-reboot $user)"
done
same "alice after the reboot, by sa and what became no record" \
  $(($(cpu sa after-reboot alice) + $(of_jobs after-reboot held1))) "$(cpu store after-reboot alice)"
# At a reboot jobs end, and their records are written.
same "bob after the reboot, by sa" "$(cpu sa after-reboot bob)" "$(cpu store after-reboot bob)"

for user in alice bob; do
  same "$user as before the power cut in a collect" "$(cpu store before-cut $user)" "$(cpu store after-cut $user)"
  same "$user is the same when it has been collected again" "$(cpu store before-cut $user)" "$(cpu store collected-after-cut $user)"
done
same "unfinished snapshots left" "0" "$(said unfinished)"
same "generations" "pacct pacct.0 pacct.1.gz pacct.2.gz" "$(said rotated thrice)"

same "alice as before the second power cut" "$(cpu store before-second-cut alice)" "$(cpu store after-second-cut alice)"
spun=$(($(cpu store after-second-cut bob) - $(cpu store before-second-cut bob)))
at_least "what bob's job used until the last run before the second power cut" 0 "$spun"
at_least "and that is no more than there was time for" "$spun" "$spun_at_most"

# Jobs that the power cuts ended have no record, and keep what was last seen of them.
of_spins=$(($(value 3 store before-cut bob) + $(value 3 store before-second-cut bob) + spun))
same "alice at the end: sa's $(cpu sa last alice) and what power cuts ended" \
  $(($(cpu sa last alice) + $(of_jobs last held1 held2 held3))) "$(cpu store last alice)"
same "bob at the end: sa's $(cpu sa last bob) and what power cuts ended" $(($(cpu sa last bob) + of_spins)) "$(cpu store last bob)"
same "jobs that the power cuts ended are not in sa's output" "held1 spin1" "$(said sa-jobs last)"
for user in alice bob root; do
  same "$user's records, read by cpuagg from all generations" "$(said sa last $user)" "$(said files last $user)"
done
for user in alice bob; do
  same "$user's processes" "$(processes sa last $user)" "$(processes store last $user)"
done
at_least "root's time, with what runs and what ended with the machine" "$(cpu sa last root)" "$(cpu store last root)"
# A power cut replaces records that had not reached the disk by zeros. A collect run that had read
# them keeps them. So the store may have more than the files, but not of alice and bob, because none
# of their processes ended then.
in_store=$(tr -d '\r' <"$log" | awk '/^@ store last/ { sum += $6 } END { print sum }')
at_least "records and said damage of the store, for the records and the zeros of the files" \
  $(($(said sa-records last) + $(said sa-zeros last))) $((in_store + $(said damaged) / 64))
same "the timer's report of the day before" "success 0" "$(said report)"
same "messages that the server got" 1 "$(grep -c '^@ telegram .*alice' "$log")"

same "upgraded" "installed $(dpkg-deb --field "$work/next.deb" Version) cpuagg:cpuagg:750 root:cpuagg:640 root:root:600" "$(said installed upgraded)"
same "timers are kept by an upgrade" "$(said timers enabled)" "$(said timers upgraded)"
same "configuration and token are kept by an upgrade" "1 token" "$(said kept)"
for user in alice bob root; do
  same "$user's history is kept by an upgrade" "$(said store last $user)" "$(said store upgraded $user)"
done
same "the program after removing" "none" "$(said program)"
at_least "snapshots after removing" 1 "$(said snapshots)"
same "what is left after purging is the history and what the admin made" \
  "/etc/systemd/system/cpuagg-deliver.service.d /etc/systemd/system/cpuagg-report.service.d /etc/systemd/system/cpuagg-report.timer.d /var/lib/cpuagg" \
  "$(said left)"
same "purging speaks of the history" 1 "$(said purge | grep -c 'history in /var/lib/cpuagg stays')"

[ "$failures" = 0 ] || { echo "$failures of them are wrong"; exit 1; }
echo "all of them hold"
