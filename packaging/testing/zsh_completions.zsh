# zsh_completions.zsh FOLDER LINE: prints what zsh offers after LINE, with the completions of
# FOLDER. It types into a zsh on a pseudo-terminal, whose compadd records its arguments.
export ANSWERS=$(mktemp) FOLDER=$1
cat >$ANSWERS.rc <<'RC'
PS1= fpath=($FOLDER $fpath)
autoload -U compinit
compinit -D -u
bindkey "^I" complete-word
zstyle ":completion:*" insert-tab false
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then
    builtin compadd "$@"
    return
  fi
  local -a hits
  builtin compadd -O hits "$@"
  print -rl -- $hits >>$ANSWERS
  builtin compadd "$@"
}
finish() { print END >>$ANSWERS }
comppostfuncs=(finish)
print READY >>$ANSWERS
RC

# Reads the terminal, so that zsh never blocks when writing to it.
await() {
  local line
  until grep -qx $1 $ANSWERS; do
    zpty -r -t z line
    sleep 0.02
  done
}
zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z ". $ANSWERS.rc"
await READY
zpty -w -n z "$2"$'\t'
await END
zpty -d z
sed -e '/^READY$/d' -e '/^END$/d' -e '/^$/d' $ANSWERS
rm $ANSWERS $ANSWERS.rc
