#!/bin/bash
# completions_test.sh CPUAGG: tests the completions in the installed shells.
set -uo pipefail
. packaging/testing/check.sh
folder=$PWD/packaging/completions
mkdir -p "$TEST_TMPDIR/bin" "$TEST_TMPDIR/empty" "$TEST_TMPDIR/files/a_folder"
ln -s "$PWD/$1" "$TEST_TMPDIR/bin/cpuagg"
export PATH=$TEST_TMPDIR/bin:$PATH HOME=$TEST_TMPDIR/empty TERM=dumb
cpuagg=$TEST_TMPDIR/bin/cpuagg
zsh_completions=$PWD/packaging/testing/zsh_completions.zsh
touch "$TEST_TMPDIR/files/a_file"
echo alice Physics >"$TEST_TMPDIR/departments"
cd "$TEST_TMPDIR/files" || exit 1

# Each prints, sorted, what its shell offers after the line.
bash_offers() {
  # Readline's own splitting: blanks, and = as a word of its own. compopt says what it would do itself.
  # shellcheck disable=SC2016  # to be expanded by the other shell
  bash --norc -c '
    compopt() { echo "compopt $*"; }
    . "$1"
    line=${2//=/ = }
    read -ra COMP_WORDS <<<"$line"
    [[ $line != *" " ]] || COMP_WORDS+=("")
    [[ $2 != *= ]] || unset "COMP_WORDS[-1]"
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _cpuagg "${3:-cpuagg}" && printf "%s\n" "${COMPREPLY[@]}"
  ' bash "$folder/cpuagg.bash" "$1" "${2:-}" 2>&1 | sed '/^$/d' | sort
}
fish_offers() {
  # shellcheck disable=SC2016
  fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$folder/cpuagg.fish" "$1" 2>&1 | cut -f1 | sort -u
}
zsh_offers() { timeout 60 zsh -f "$zsh_completions" "$folder" "$1" 2>&1 | sort -u; }

# help_of [COMMAND]: the first words of the lines of its help.
commands=$("$cpuagg" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | sort)
long_flags() { "$cpuagg" "$1" --help | sed -n 's/^  \(-[a-zA-Z],\)\{0,1\}\(--[a-z0-9-]*\).*/\2/p' | sort; }
[ "$(wc -l <<<"$commands")" -ge 6 ] || failed "the help has only the commands $commands"

# The program's own values of a flag: each must be accepted, and each prefix must be a real one.
values_of() {
  case $1 in
    --period) echo today yesterday this-week last-week this-month last-month this-year last-year this-hour last-hour all since-last ;;
    --format) echo table csv tsv json jsonl markdown html ;;
    --sort) echo cpu user-time system-time processes elapsed largest mean memory major-faults change name uid time ;;
    --by) echo user command group department tty signal hour day week month ;;
  esac
}
sorted() { tr ' ' '\n' | sort; }
for flag in --period --format --sort --by; do
  for value in $(values_of "$flag"); do
    more=()
    [ "$flag" != --sort ] || more=(--by "user,hour")
    [ "$value" != change ] || more=(--period today)
    [ "$value" != department ] || more=(--group-file "$TEST_TMPDIR/departments")
    "$cpuagg" report "${more[@]}" "$flag" "$value" /dev/null >/dev/null 2>"$TEST_TMPDIR/error"
    [ $? != 2 ] || [ "$value" = since-last ] || failed "report $flag $value: $(cat "$TEST_TMPDIR/error")"
    "$cpuagg" report --help | grep -e "$flag" | grep -w -e "$value" >/dev/null || failed "the help of $flag does not have $value"
  done
done

for shell in bash fish zsh; do
  if ! command -v "$shell" >/dev/null; then
    echo "SKIPPED: $shell is not installed"
    continue
  fi
  offers() { "${shell}_offers" "$@"; }

  expect_equal "$shell: the commands" "$commands" "$(offers "cpuagg " | grep -v ^-)"
  for command in $commands; do
    expect_equal "$shell: the flags of $command" "$(long_flags "$command")" "$(offers "cpuagg $command --" | grep ^--)"
  done
  for flag in --period --format --sort; do
    expect_equal "$shell: $flag" "$(values_of "$flag" | sorted)" "$(offers "cpuagg report $flag ")"
  done
  expect_equal "$shell: the formats of records" "$(echo table csv tsv json jsonl markdown proto | sorted)" "$(offers "cpuagg records --format ")"
  expect_equal "$shell: the formats of export" "$(echo prometheus jsonl csv | sorted)" "$(offers "cpuagg export --format ")"
  expect_equal "$shell: the order of records" "$(echo cpu user-time system-time elapsed memory time | sorted)" "$(offers "cpuagg records --sort ")"
  expect_equal "$shell: --color" "$(echo always auto never | sorted)" "$(offers "cpuagg report --color ")"
  expect_equal "$shell: --columns" cpu_seconds "$(offers "cpuagg report --columns user,cpu" | sed 's/^user,//')"
  expect_equal "$shell: --columns of records" pid "$(offers "cpuagg records --columns user,pi" | sed 's/^user,//')"
  expect_equal "$shell: a value that has begun" "$(printf 'last-hour\nlast-month\nlast-week\nlast-year')" \
    "$(offers "cpuagg send --period last-")"
  # Lists continue after the comma; shells differ in whether they repeat the part before it.
  expect_equal "$shell: --by" day "$(offers "cpuagg report --by user,da" | sed 's/^user,//')"
  expect_equal "$shell: --user" root "$(offers "cpuagg report --user 0,roo" | sed 's/^0,//')"
  expect_equal "$shell: what can be anything" "" "$(offers "cpuagg report --since ")"
done

expect_equal "bash: a value behind =" "csv" "$(bash_offers "cpuagg report --format=c")"
expect_equal "bash: all values behind =" "$(values_of --format | sorted)" "$(bash_offers "cpuagg report --format=")"
expect_equal "bash: a file" "compopt -o default" "$(bash_offers "cpuagg report a")"
expect_equal "bash: the file of a flag" "compopt -o default" "$(bash_offers "cpuagg send --config a")"
expect_equal "bash: a folder" "compopt -o dirnames" "$(bash_offers "cpuagg collect --store a")"
expect_equal "bash: no file where none can be" "" "$(bash_offers "cpuagg send a")"
if command -v fish >/dev/null; then
  expect_equal "fish: a file" "$(printf 'a_file\na_folder/')" "$(fish_offers "cpuagg report a")"
  expect_equal "fish: a folder" "a_folder/" "$(fish_offers "cpuagg collect --store a")"
  expect_equal "fish: no file where none can be" "" "$(fish_offers "cpuagg send a")"
fi
if command -v zsh >/dev/null; then
  expect_equal "zsh: a file" "$(printf 'a_file\na_folder')" "$(zsh_offers "cpuagg report a")"
  expect_equal "zsh: a folder" "a_folder" "$(zsh_offers "cpuagg collect --store a")"
  expect_equal "zsh: no file where none can be" "" "$(zsh_offers "cpuagg send a")"
fi

# Nothing that is typed is run, and there is no message without cpuagg.
# shellcheck disable=SC2016
for typed in 'cpuagg $(touch${IFS}run) -' 'cpuagg `touch${IFS}run` --' 'cpuagg report --user $(touch${IFS}run)' 'cpuagg report --by $(touch${IFS}run),'; do
  bash_offers "$typed" >/dev/null
  ! command -v fish >/dev/null || fish_offers "$typed" >/dev/null
  [ ! -e run ] || failed "what was typed was run: $typed"
done
rm "$cpuagg"
if ! command -v cpuagg >/dev/null; then
  expect_equal "bash without cpuagg" "" "$(bash_offers "cpuagg report --")"
  ! command -v fish >/dev/null || expect_equal "fish without cpuagg" "" "$(fish_offers "cpuagg report --")"
fi
finish
