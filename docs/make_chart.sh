#!/bin/sh
# Draws the pictures of the README: docs/chart.png from the bundled history, and docs/chart_days.png
# from an invented fortnight.
set -eu
cd "$(dirname "$0")/.."
bazel build //tools:cpuagg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A version 3 record (linux/acct.h) for each user and day, with some hours of user time; fewer at
# weekends, and some days off.
perl -e '
  sub comp_t { my ($value, $exponent) = (shift, 0);
               while ($value > 0x1fff) { $value >>= 3; $exponent++ }
               $exponent << 13 | $value }
  my @hours = (38, 29, 21, 12, 9, 6, 4);
  for my $day (0 .. 13) {
    for my $user (0 .. $#hours) {
      my $pattern = (5 * $day + 3 * $user + $day * $user) % 11;
      next if $user > 0 && $pattern == 3;
      my $ticks = $hours[$user] * 3600 * (50 + 10 * $pattern) * ($day % 7 > 4 ? 0.3 : 1);
      my $noon = 1794182400 + 86400 * $day + 43200;
      print pack("CCSLLLLLLfSSSSSSSSa16", 0, 3, 0, 0, 1001 + $user, 100, 1, 1, $noon, 3600,
                 comp_t($ticks), 0, 0, 0, 0, 0, 0, 0, "cc1");
    }
  }' >"$work/pacct"
for name in alice bob carol dave erin frank grace; do
  uid=$((${uid:-1000} + 1))
  echo "$name:x:$uid:100::/home/$name:/bin/sh"
done >"$work/passwd"

report() {
  CPUAGG_HOST_NAME=lab01 TZ=UTC bazel-bin/tools/cpuagg report "$@" >/dev/null
}
report --passwd testdata/lab/passwd --ignore-user root --chart docs/chart.png testdata/lab/pacct*
report --passwd "$work/passwd" --by user,day --since 2026-11-09 --until 2026-11-23 \
  --chart docs/chart_days.png "$work/pacct"
