#!/bin/bash
# configuration_test.sh CPUAGG: compares the installed configuration file with
# docs/configuration.md.
set -uo pipefail
. packaging/testing/check.sh
cpuagg=$PWD/$1
file=packaging/cpuagg.env

# shellcheck disable=SC2016  # backquotes are the documentation's
expect_equal "the keys" "$(sed -n '/^| key |/,/^$/p' docs/configuration.md | cut -d'|' -f2 | grep -o '`[A-Z_]*`' | tr -d '`' | sort)" \
  "$(sed -n 's/^#\([A-Z_]*\)=.*/\1/p' "$file" | sort)"
expect_equal "what is set" "" "$(grep -v '^#' "$file" | grep -v '^$')"
awk '/^#[A-Z_]+=/ && before !~ /^# / && before !~ /^#[A-Z_]+=/ { print $0 ": has no line of help"; exit 1 } { before = $0 }' "$file" ||
  failed "a key without help"

# Unchanged it sets nothing; with all its examples uncommented, it is accepted.
for what in installed uncommented; do
  copy=$TEST_TMPDIR/$what.env
  cp "$file" "$copy"
  if [ "$what" = uncommented ]; then
    sed -i -e 's/^#\([A-Z_]*=\)/\1/' -e "s|^STORE=.*|STORE=$TEST_TMPDIR|" -e '/^BOT_TOKEN_FILE=/d' -e '/^ROTATED_DIR=/d' \
      -e "s|^CA_FILE=.*|CA_FILE=$copy|" -e "s|^TEXTFILE=.*|TEXTFILE=$TEST_TMPDIR|" "$copy"
  fi
  chmod 600 "$copy"
  : >"$TEST_TMPDIR/pacct"
  for command in "collect --no-running --accounting-file $TEST_TMPDIR/pacct --store $TEST_TMPDIR/store" \
    "send --dry-run --store $TEST_TMPDIR/store"; do
    # shellcheck disable=SC2086  # words are what is meant
    output=$("$cpuagg" $command --config "$copy" 2>&1)
    [ $? != 2 ] || failed "$command with the $what configuration: $output"
    if grep -q 'unknown key' <<<"$output"; then failed "$command with the $what configuration: $output"; fi
  done
done
finish
