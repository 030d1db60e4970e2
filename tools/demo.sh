#!/bin/sh
# Demonstrates the main job with bundled real data, without a token, root or a configuration.
# Replays the rotations of testdata/lab, collects after each of them into a temporary store, and
# shows what would be sent.
set -eu

cpuagg=$PWD/tools/cpuagg
lab=$PWD/testdata/lab
work=$(mktemp -d "${TMPDIR:-/tmp}/cpuagg-demo.XXXXXX")

# Removes settings, so that the demonstration is the same everywhere.
unset BUILD_WORKING_DIRECTORY
for name in $(env | sed -n 's/^\(CPUAGG_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
CPUAGG_HOST_NAME=lab01
export CPUAGG_HOST_NAME
cd "$work"

say() {
  printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[01]m//g'; fi
}
# Another machine's history: what runs on this one does not belong to it.
collect() {
  said=$("$cpuagg" collect --no-running --config /dev/null --verbose --store store \
    --accounting-file pacct --passwd "$lab/passwd" 2>&1) || { echo "$said"; exit 1; }
  echo "$said" | sed '/: configuration: /d'
}

say "Collecting a real accounting history, which is rotated as it goes"
gzip -dc "$lab/pacct.2.gz" >pacct
collect
mv pacct pacct.0 && gzip -dc "$lab/pacct.1.gz" >pacct
collect
mv pacct pacct.0 && cp "$lab/pacct.0" pacct
collect
mv pacct pacct.0 && cp "$lab/pacct" pacct
collect

say "cpuagg report"
"$cpuagg" report --config /dev/null --store store

say "cpuagg send --dry-run: the message as Telegram would get it, and its chart"
"$cpuagg" send --dry-run --config /dev/null --store store --chart "$work/chart.png"

say "All of this is in $work, and can be removed"
