#!/bin/bash
# Runs on the machine of the boot test at each boot. Prints results on the serial console, in lines
# of the form "@ WORD VALUE..."; boot_test.sh compares them. CPU times are in hundredths of a
# second.
set -uo pipefail
here=/opt/boot_test
accounting=/var/log/account
export LC_ALL=C

# On a line of its own, whatever the firmware has printed before.
say() { printf '\n@ %s\n' "$*" >/dev/ttyS0; }
# work USER SECONDS: uses a processor for this long, in a process that ends.
work() { setpriv --reuid "$1" --regid "$1" --clear-groups timeout "$2" dash -c 'while :; do :; done'; }

# start USER NAME: the same, in a unit that continues. NAME is also the command name in the records.
start() {
  cp /bin/dash "/usr/local/bin/$2"
  systemd-run --quiet --collect --unit="$2" --uid="$1" "/usr/local/bin/$2" -c 'while :; do :; done'
}

# ticks PID: the CPU time that /proc shows for it.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# hold USER NAME: starts it, lets it work for a second, and stops it, so that its CPU time stays the same.
hold() {
  local pid
  start "$1" "$2"
  pid=$(systemctl show --property=MainPID --value "$2")
  until [ "$(ticks "$pid")" -ge 100 ]; do sleep 0.2; done
  kill -STOP "$pid"
  until grep -q '^State:.T' "/proc/$pid/status"; do sleep 0.1; done
  say held "$2" "$(ticks "$pid")"
}

collect() {
  systemctl start cpuagg-collect.service
  say collect "$1" "$(systemctl show --property=Result --value cpuagg-collect.service)"
}

# store LABEL: the report's numbers for each user: CPU time, processes, and the part of the time of
# running processes.
store() {
  cpuagg report --store /var/lib/cpuagg --format csv --ignore-user "" --quiet | tr -d . |
    awk -F, -v label="$1" 'NR > 1 { printf "\n@ store %s %s %d %d %d\n", label, $2, $6, $3, $16 }' >/dev/ttyS0
}

# sa LABEL: the same from GNU sa for all generations, adding up each printed record.
sa_of_all() {
  local file plain
  plain=$(mktemp)
  for file in "$accounting"/pacct*; do
    if [[ $file == *.gz ]]; then zcat "$file" >"$plain"; else cp "$file" "$plain"; fi
    [ -s "$plain" ] && sa -u "$plain"
  done | awk -v label="$1" '
    # A record of zeros, which a power cut has left, has no command.
    NF < 8 { zeros++; next }
    { split($2, part, "."); cpu[$1] += part[1] * 100 + part[2]; processes[$1]++; total++ }
    /(held|spin)[0-9]/ { jobs = jobs " " $NF }
    END {
      for (user in cpu) printf "\n@ sa %s %s %d %d\n", label, user, cpu[user], processes[user]
      printf "\n@ sa-records %s %d\n@ sa-zeros %s %d\n@ sa-jobs %s%s\n", label, total, label, zeros, label, jobs
    }' >/dev/ttyS0
  rm -f "$plain"
}

# files LABEL: what cpuagg itself reads from the generations, without the store.
files() {
  cpuagg report "$accounting"/pacct* --format csv --ignore-user "" --quiet | tr -d . |
    awk -F, -v label="$1" 'NR > 1 { printf "\n@ files %s %s %d %d\n", label, $2, $6, $3 }' >/dev/ttyS0
}

# The number of snapshots that a collect run has begun but not published.
unfinished() { find /var/lib/cpuagg/snapshots -name '.unfinished-*' | wc -l; }

# Like Debian's cron every day.
rotate() {
  run-parts --regex '^acct$' /etc/cron.daily
  say rotated "$1" "$(cd "$accounting" && echo *)"
}

timers() {
  local timer states=
  for timer in collect report deliver; do
    states+=" $timer=$(systemctl is-enabled cpuagg-$timer.timer 2>/dev/null),$(systemctl is-active cpuagg-$timer.timer)"
  done
  say timers "$1$states"
}

# A server in place of Telegram's; says every request. The units of cpuagg have its address from an admin's
# drop-in.
telegram() {
  FAKE_BOT_TOKEN=$(<$here/token) $here/fake_bot_api_main --seconds 3000 | {
    read -r address
    echo "CPUAGG_TELEGRAM_API_URL=$address" >/run/telegram.env
    # The visible text of its lines of JSON.
    while read -r request; do say telegram "$(sed 's/.*"visible_text":"//; s/"}$//' <<<"$request")"; done
  }
}

installed() {
  say installed "$1" "$(dpkg-query --show --showformat='${db:Status-Status} ${Version}' cpuagg 2>/dev/null || echo no)" \
    "$(stat -c %U:%G:%a /var/lib/cpuagg /etc/cpuagg/cpuagg.env /etc/cpuagg/bot_token 2>/dev/null | paste -sd' ')"
}

install_and_reboot() {
  say accounting "$(systemctl is-active acct.service)" "$(stat -c %U:%G:%a $accounting/pacct)" "$(stat -c %s $accounting/pacct)"
  dpkg --install $here/first.deb >>/var/log/dpkg.out 2>&1
  installed new
  timers new
  # Does what docs/install.md tells an admin to do.
  install -m 600 $here/token /etc/cpuagg/bot_token
  printf 'CHAT_ID=-1001234567890\nHOST_NAME=boot-test\n' >>/etc/cpuagg/cpuagg.env
  for unit in report deliver; do
    install -D -m 644 $here/telegram.conf /etc/systemd/system/cpuagg-$unit.service.d/telegram.conf
  done
  install -m 644 $here/telegram.service /etc/systemd/system/
  install -D -m 644 $here/at_once.conf /etc/systemd/system/cpuagg-report.timer.d/at_once.conf
  systemctl daemon-reload
  systemctl --quiet enable --now cpuagg-collect.timer cpuagg-report.timer cpuagg-deliver.timer
  timers enabled
  work alice 2
  work bob 1
  collect first
  store first
  hold alice held1
  start bob spin1
  sleep 1
  collect before-reboot
  store before-reboot
  systemctl reboot
}

work_until_the_first_cut() {
  say accounting "$(systemctl is-active acct.service)"
  collect after-reboot
  store after-reboot
  sa_of_all after-reboot
  rotate once
  work bob 1
  rotate twice
  work alice 1
  hold alice held2
  start bob spin2
  sleep 1
  collect before-cut
  store before-cut
  sync
  # Waits for a minute after the snapshot has been written, before its rename.
  setpriv --reuid cpuagg --regid cpuagg --init-groups strace -f -o /dev/null -e trace=rename \
    -e inject=rename:delay_enter=60000000 cpuagg collect --quiet &
  until [ "$(unfinished)" = 1 ]; do sleep 0.1; done
  say cut-now in-the-rename
}

work_until_the_second_cut() {
  say accounting "$(systemctl is-active acct.service)"
  store after-cut
  collect after-cut
  say unfinished "$(unfinished)"
  store collected-after-cut
  rotate thrice
  hold alice held3
  start bob spin3
  work bob 1
  collect before-second-cut
  sync
  store before-second-cut
  for run in {1..1000}; do
    systemctl start cpuagg-collect.service
    say cut-now "one run after the other, $run"
  done
}

report_and_upgrade() {
  say accounting "$(systemctl is-active acct.service)"
  store after-second-cut
  # The timer's unit, which is late by the hours that the machine was off.
  until [ "$(systemctl show --property=ExecMainExitTimestampMonotonic --value cpuagg-report.service)" -gt 0 ]; do sleep 0.2; done
  say report "$(systemctl show --property=Result --property=ExecMainStatus --value cpuagg-report.service | paste -sd' ')"
  work alice 1
  work bob 1
  # From here on nothing is written any more, so both results are about the same records.
  accton off >/dev/null
  collect last
  store last
  sa_of_all last
  files last
  say damaged "$(cpuagg report --store /var/lib/cpuagg --format json --quiet | sed -n 's/.*"skipped_bytes": *\([0-9]*\).*/\1/p')"
  dpkg --install --force-confold $here/next.deb >>/var/log/dpkg.out 2>&1
  installed upgraded
  timers upgraded
  say kept "$(grep -c '^CHAT_ID=-1001234567890' /etc/cpuagg/cpuagg.env) $(cmp -s $here/token /etc/cpuagg/bot_token && echo token)"
  store upgraded
  collect upgraded
  dpkg --remove cpuagg >>/var/log/dpkg.out 2>&1
  installed removed
  timers removed
  say program "$(command -v cpuagg || echo none)"
  say snapshots "$(find /var/lib/cpuagg/snapshots -type f | wc -l)"
  dpkg --purge cpuagg >/var/log/purge.out 2>&1
  say purge "$(grep '^cpuagg: ' /var/log/purge.out | paste -sd' ')"
  say left "$(find / -xdev -iname '*cpuagg*' -not -path '/opt/boot_test/*' -not -path '/tmp/*' -not -path '/root/*' | sort | paste -sd' ')"
  say end
  systemctl poweroff
}

if [ "${1:-}" = telegram ]; then
  telegram
  exit
fi
# Error messages of programs go to the log.
exec 2> >(while read -r line; do say complaint "$line"; done)
boot=$(($(cat $here/boots 2>/dev/null || echo 0) + 1))
echo $boot >$here/boots
say boot $boot "$(date +%FT%TZ)" "$(uname -r)"
case $boot in
  1) install_and_reboot ;;
  2) work_until_the_first_cut ;;
  3) work_until_the_second_cut ;;
  4) report_and_upgrade ;;
esac
# Keeps the background jobs running until the power is cut.
sleep 600
