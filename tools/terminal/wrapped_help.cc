#include "tools/terminal/wrapped_help.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace cpuagg::tools {
namespace {

// Where the description of a line begins: after the last two blanks of its head.
size_t IndentOf(absl::string_view line) {
  const size_t word = std::min(line.find_first_not_of(' '), line.size());
  const size_t gap = line.find("  ", word);
  const size_t description =
      gap == absl::string_view::npos ? gap : line.find_first_not_of(' ', gap);
  return description == absl::string_view::npos ? word : description;
}

void AppendWrapped(absl::string_view line, size_t columns, std::vector<std::string>& lines) {
  // Half of a narrow terminal is left for descriptions.
  const size_t indent = std::min(IndentOf(line), columns / 2);
  size_t end = absl::string_view::npos;
  if (line.size() > columns) {
    end = line.rfind(' ', columns);
    if (end == absl::string_view::npos || end <= indent) end = line.find(' ', columns);
  }
  lines.emplace_back(absl::StripTrailingAsciiWhitespace(line.substr(0, end)));
  if (end == absl::string_view::npos) return;
  AppendWrapped(absl::StrCat(std::string(indent, ' '), line.substr(end + 1)), columns, lines);
}

}  // namespace

std::string WrappedHelp(absl::string_view help, size_t columns) {
  std::vector<std::string> lines;
  for (const absl::string_view line : absl::StrSplit(help, '\n')) {
    AppendWrapped(line, columns, lines);
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace cpuagg::tools
