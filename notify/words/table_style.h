// TableStyle: how a table is written: for which terminal, with which columns.

#ifndef CPUAGG_NOTIFY_WORDS_TABLE_STYLE_H_
#define CPUAGG_NOTIFY_WORDS_TABLE_STYLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// By default a table for a file or a pipe: which columns it has does not depend on what is in them,
// no name is cut, and no line is wrapped.
struct TableStyle {
  // The columns that a file or a pipe counts as.
  static constexpr size_t kUsualWidth = 80;

  // Of the terminal; 0 if it is not one.
  size_t terminal_columns = 0;
  // All columns, and no name is cut.
  bool is_wide = false;
  // The names of the columns, in this order; empty to choose them by the width.
  std::vector<std::string> columns;
  bool has_colour = false;
  // For a terminal without UTF-8.
  bool is_ascii = false;

  absl::string_view ellipsis() const { return is_ascii ? "..." : "…"; }
  // In red, if there is colour: for what has failed or is damaged.
  std::string Red(absl::string_view text) const { return Coloured(text, "31"); }
  // In yellow: for what is missing.
  std::string Yellow(absl::string_view text) const { return Coloured(text, "33"); }

 private:
  std::string Coloured(absl::string_view text, absl::string_view code) const {
    return has_colour ? absl::StrCat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text);
  }
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_WORDS_TABLE_STYLE_H_
