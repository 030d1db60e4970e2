# shellcheck shell=sh
# Common code of postrm and install.sh: removes what cpuagg setup wrote to /etc/cron.d/cpuagg
# together with the program.

# take_out_cron_lines FILE PROGRAM: removes from FILE the lines that setup wrote to run PROGRAM, the
# same lines as setup --undo (tools/installation/steps/cron_lines.h), and removes FILE if nothing
# else is in it. Prints with say() what was changed, and what stays.
take_out_cron_lines() {
  [ -e "$1" ] || [ -L "$1" ] || return 0
  if [ -L "$1" ] || [ ! -f "$1" ]; then
    say "$1 stays as it is: cpuagg setup did not write it"
    return 0
  fi
  # Cron ignores names with a dot.
  new=$(mktemp "$1.XXXXXX")
  cp -p "$1" "$new"
  : >"$new"
  awk -v program="$2" -v new="$new" '
    BEGIN {
      when["collect --quiet"] = "*/15 * * * *"
      when["send --period last-day"] = "0 7 * * *"
      when["send --pending --alerts --quiet"] = "37 * * * *"
      # As setup of version 1.0.0 wrote it.
      when["send --pending --quiet"] = "37 * * * *"
    }
    $0 == "# Written by cpuagg setup; cpuagg setup --undo removes it." { next }
    {
      # "@daily" or five words, and then the user.
      first = $1 ~ /^@/ ? 3 : 7
      arguments = $(first + 1)
      for (i = first + 2; i <= NF; ++i) arguments = arguments " " $i
      if ($1 ~ /^#/ || $first != program || !(arguments in when)) {
        print >new
      } else if ($0 != when[arguments] "  root  " program " " arguments) {
        print
      }
    }' "$1" | while IFS= read -r line; do say "this line of $1 was changed, and is removed: $line"; done
  if ! grep -Evqx -e '[[:space:]]*' -e 'SHELL=/bin/sh' -e 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "$new"; then
    rm -f "$1" "$new"
  else
    if cmp -s "$1" "$new"; then rm -f "$new"; else mv -f "$new" "$1"; fi
    say "$1 stays, with lines in it that cpuagg setup did not write"
  fi
}
