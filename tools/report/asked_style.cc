#include "tools/report/asked_style.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "tools/config/nearest_name.h"
#include "tools/terminal/terminal_columns.h"

namespace cpuagg::tools {
namespace {

// Empty if it is not set.
absl::string_view Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Whether the locale has another encoding, in which UTF-8 would be unreadable.
bool IsWithoutUtf8() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string value = absl::AsciiStrToLower(Variable(name));
    if (value.empty()) continue;
    return !absl::StrContains(value, "utf-8") && !absl::StrContains(value, "utf8");
  }
  return false;
}

absl::StatusOr<bool> AsksForColor(const Flags& flags, bool is_terminal) {
  const std::string when = flags.color.value_or("auto");
  if (when == "always") return true;
  if (when == "never") return false;
  if (when != "auto") {
    return absl::InvalidArgumentError(absl::StrCat("--color: '", when,
                                                   "' is not one of auto, always and never",
                                                   DidYouMean(when, {"auto", "always", "never"})));
  }
  const absl::string_view terminal = Variable("TERM");
  return is_terminal && Variable("NO_COLOR").empty() && !terminal.empty() && terminal != "dumb";
}

absl::Status CheckColumns(const std::vector<std::string>& asked,
                          const std::vector<std::string>& known) {
  for (const std::string& name : asked) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("--columns: '", name, "' is not one of ", absl::StrJoin(known, ", "),
                     DidYouMean(name, std::vector<absl::string_view>(known.begin(), known.end()))));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<notify::TableStyle> AskedStyle(const Flags& flags,
                                              const std::vector<std::string>& of_table,
                                              const std::vector<std::string>& of_csv) {
  const bool is_table = flags.format == Format::kTable;
  if (flags.wide && !is_table) {
    return absl::InvalidArgumentError(
        "--wide: is for tables; CSV, TSV and JSON have all columns, and --columns chooses those of "
        "Markdown and HTML");
  }
  if (!flags.columns.empty()) {
    if (flags.format == Format::kJson || flags.format == Format::kJsonLines ||
        flags.format == Format::kProto) {
      return absl::InvalidArgumentError(
          "--columns: is for tables, CSV, TSV, Markdown and HTML; JSON and protobuf have all of "
          "them");
    }
    if (flags.wide) {
      return absl::InvalidArgumentError(
          "--wide: asks for all columns, and --columns for some; leave one of them out");
    }
    const bool is_csv = flags.format == Format::kCsv || flags.format == Format::kTsv;
    const absl::Status known = CheckColumns(flags.columns, is_csv ? of_csv : of_table);
    if (!known.ok()) return known;
  }
  const bool is_terminal = isatty(STDOUT_FILENO) != 0;
  const absl::StatusOr<bool> color = AsksForColor(flags, is_terminal);
  if (!color.ok()) return color.status();
  return notify::TableStyle{.terminal_columns = is_terminal ? TerminalColumns(STDOUT_FILENO) : 0,
                            .is_wide = flags.wide,
                            .columns = flags.columns,
                            .has_colour = *color,
                            .is_ascii = IsWithoutUtf8()};
}

}  // namespace cpuagg::tools
