// The first two lines of `cpuagg records` in Markdown. Only record_lines.cc includes this.

#ifndef CPUAGG_NOTIFY_LINES_MARKDOWN_HEADER_H_
#define CPUAGG_NOTIFY_LINES_MARKDOWN_HEADER_H_

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "notify/words/text.h"

namespace cpuagg::notify {

// The names of the columns, and below them where numbers are aligned to the right. The columns have
// the widths of the lines.
inline std::string MarkdownHeader() {
  struct {
    absl::string_view name;
    size_t width;
    bool is_number;
  } constexpr kHeadings[] = {
      {"BEGIN", 19, false},    {"END", 19, false},       {"ELAPSED", 12, true},
      {"USER SECS", 12, true}, {"SYS SECS", 12, true},   {"USER", 16, false},
      {"GROUP", 16, false},    {"PID", 8, true},         {"PPID", 8, true},
      {"TTY", 8, false},       {"COMMAND", 16, false},   {"EXIT", 5, true},
      {"SIG", 3, true},        {"MEMORY KIB", 11, true}, {"IO", 12, true},
      {"BLOCKS", 12, true},    {"MINFLT", 12, true},     {"MAJFLT", 8, true},
      {"SWAPS", 8, true},      {"FLAGS", 5, false},
  };
  std::string names = "|";
  std::string rule = "|";
  for (const auto& heading : kHeadings) {
    const std::string name(heading.name);
    absl::StrAppend(
        &names, " ",
        heading.is_number ? RightAligned(name, heading.width) : LeftAligned(name, heading.width),
        " |");
    absl::StrAppend(&rule, " ", std::string(heading.width - 1, '-'), heading.is_number ? ":" : "-",
                    " |");
  }
  return absl::StrCat(names, "\n", rule, "\n");
}

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_MARKDOWN_HEADER_H_
