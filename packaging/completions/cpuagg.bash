# bash completion for cpuagg. Commands, flags and their values come from the program's own help, so
# they match the installed version.

# The flags of the help on standard input, one per line, each with the name of its value if it takes
# one.
_cpuagg_flags() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ ^\ \ (-[a-zA-Z])?,?(--[a-z0-9-]+)?(\ ([A-Z]+))?(\ |$) ]]; then
      [[ -z ${BASH_REMATCH[1]} ]] || echo "${BASH_REMATCH[1]} ${BASH_REMATCH[4]}"
      [[ -z ${BASH_REMATCH[2]} ]] || echo "${BASH_REMATCH[2]} ${BASH_REMATCH[4]}"
    fi
  done
}

# _cpuagg_reply WORD...: offers the words that continue the input; if $list is set, the input after
# its last comma.
_cpuagg_reply() {
  local done='' word
  [[ -z $list ]] || done=${cur%"${cur##*,}"}
  for word; do
    [[ $word == "${cur#"$done"}"* ]] || continue
    word=$done$word
    [[ $word =~ ^[A-Za-z0-9_.,@+-]*$ ]] || printf -v word %q "$word"
    COMPREPLY+=("$word")
  done
}

_cpuagg() {
  COMPREPLY=()
  local program cur=${COMP_WORDS[COMP_CWORD]} before=$COMP_CWORD
  program=$(type -P -- "$1") || program=$(type -P cpuagg) || return 0

  # `--flag=value` is three words, and `--flag=` is two.
  if [[ $cur == = ]]; then
    cur=
    ((before += 1))
  fi
  [[ ${COMP_WORDS[before - 1]} != = ]] || ((before -= 1))
  local flag=${COMP_WORDS[before - 1]} command=${COMP_WORDS[1]} list='' line

  if ((COMP_CWORD == 1)); then
    local commands=(--help --version)
    while IFS= read -r line; do
      [[ ! $line =~ ^\ \ ([a-z]+)\ \  ]] || commands+=("${BASH_REMATCH[1]}")
    done < <("$program" --help 2>/dev/null)
    _cpuagg_reply "${commands[@]}"
    return 0
  fi
  [[ $command =~ ^[a-z]+$ ]] || return 0

  local help flags=() value=''
  help=$("$program" "$command" --help 2>/dev/null) || return 0
  while read -r line; do
    flags+=("${line%% *}")
    [[ ${line%% *} != "$flag" || $line != *\ * ]] || value=${line##* }
  done < <(_cpuagg_flags <<<"$help")

  case $flag:$value in
    --period:?*) _cpuagg_reply today yesterday this-week last-week this-month last-month this-year last-year this-hour last-hour all since-last ;;
    --format:?*)
      if [[ $command == export ]]; then
        _cpuagg_reply prometheus jsonl csv
      else
        _cpuagg_reply table csv tsv json jsonl markdown
        if [[ $command == records ]]; then _cpuagg_reply proto; else _cpuagg_reply html; fi
      fi
      ;;
    --sort:?* | -s:?*)
      if [[ $command == records ]]; then
        _cpuagg_reply cpu user-time system-time elapsed memory time
      else
        _cpuagg_reply cpu user-time system-time processes elapsed largest mean memory major-faults change name uid time
      fi
      ;;
    --color:?*) _cpuagg_reply auto always never ;;
    --columns:?*)
      list=yes
      if [[ $command == records ]]; then
        _cpuagg_reply file offset version byte_order begin end uid user gid group pid ppid tty command cpu_seconds user_seconds system_seconds elapsed_seconds memory_kib io blocks minor_faults major_faults swaps exit_status signal status flags
      else
        _cpuagg_reply user uid group gid department command tty signal host hour day week month cpu_seconds share change previous_cpu_seconds user_seconds system_seconds processes mean_cpu_seconds largest_cpu_seconds running_cpu_seconds elapsed_seconds memory_kib largest_memory_kib minor_faults major_faults io
      fi
      ;;
    --by:?*) list=yes && _cpuagg_reply user command group department tty signal host hour day week month ;;
    --user:?* | --ignore-user:?*)
      local users
      mapfile -t users < <(compgen -u)
      list=yes && _cpuagg_reply "${users[@]}"
      ;;
    *:FILE) compopt -o default ;;
    *:DIR) compopt -o dirnames ;;
    *:?*) ;;
    *)
      if [[ $cur == -* ]]; then
        _cpuagg_reply "${flags[@]}"
      elif [[ $help == *'[FILE'* ]]; then
        compopt -o default
      fi
      ;;
  esac
  return 0
}

complete -F _cpuagg cpuagg
