# keys.awk: the table of keys in docs/configuration.md as a list of mdoc, in place of the line @KEYS@.
#
#   awk -f keys.awk docs/configuration.md cpuagg.env.5.in >cpuagg.env.5

# Converts a cell of Markdown to roff.
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
  # Something is before the first bar and after the last one.
  if (split($0, cell, "|") != 6) {
    print "keys.awk: not four cells: " $0 >"/dev/stderr"
    exit failed = 1
  }
  for (i in cell) gsub(/^ +| +$/, "", cell[i])
  gsub(/`/, "", cell[2])
  gsub(/,/, " ,", cell[2])
  gsub(/`/, "", cell[3])
  keys = keys ".It Ev " cell[2] (cell[3] == "" ? "" : " Pq Fl " substr(cell[3], 2)) "\n"
  text = roff(cell[5]) "."
  # The default is copied literally, after a colon.
  if (cell[4] != "") text = text " Default: " substr(roff("." cell[4]), 2) "."
  gsub(/\. /, ".\n", text)
  keys = keys text "\n"
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
