# keys.awk: the table of keys in docs/configuration.md as a list of mdoc, in the place of the line @KEYS@.
#
#   awk -f keys.awk docs/configuration.md cpuagg.env.5.in >cpuagg.env.5

# A cell of Markdown as text of roff.
function roff(cell) {
  gsub(/\\/, "\\e", cell)
  gsub(/ \(\[[a-z_]*\.md\]\([^)]*\)\)/, "", cell)  # a document that the reader may not have
  while (match(cell, /\[[^\]]*\]\([^)]*\)/)) {
    link = substr(cell, RSTART, RLENGTH)
    label = substr(link, 2, index(link, "](") - 2)
    cell = substr(cell, 1, RSTART - 1) label substr(cell, RSTART + RLENGTH)
  }
  while (match(cell, /`[^`]*`/)) {
    code = substr(cell, RSTART + 1, RLENGTH - 2)
    gsub(/-/, "\\-", code)
    cell = substr(cell, 1, RSTART - 1) "\\fB" code "\\fP" substr(cell, RSTART + RLENGTH)
  }
  gsub(/…/, "...", cell)
  return toupper(substr(cell, 1, 1)) substr(cell, 2)
}

FNR == NR && /^\| `[A-Z_]+`/ {
  line = $0
  sub(/^\| /, "", line)
  sub(/ \|$/, "", line)
  gsub(/ \| \| \| /, " |  |  | ", line)
  gsub(/ \| \| /, " |  | ", line)
  if (split(line, cell, " [|] ") != 4) {
    print "keys.awk: not four cells: " $0 >"/dev/stderr"
    exit failed = 1
  }
  gsub(/[`,]/, "", cell[1])
  gsub(/ /, " , ", cell[1])
  gsub(/[`-]/, "", cell[2])
  item = ".It Ev " cell[1]
  if (cell[2] != "") {
    flag = line
    sub(/^[^|]*[|] `--/, "", flag)
    sub(/`.*/, "", flag)
    item = item " Pq Fl -" flag
  }
  text = roff(cell[4]) "."
  if (cell[3] != "") text = text " Default: " substr(roff("." cell[3]), 2) "."
  gsub(/\. /, ".\n", text)
  keys = keys item "\n" text "\n"
  ++count
  next
}
FNR == NR { next }
/^@KEYS@$/ {
  printf "%s", keys
  next
}
{ print }
END {
  if (!failed && count == 0) {
    print "keys.awk: no key in the first file" >"/dev/stderr"
    failed = 1
  }
  exit failed
}
