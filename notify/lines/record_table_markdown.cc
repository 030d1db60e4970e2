// The lines of a RecordTable in Markdown.

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "notify/lines/record_table.h"
#include "notify/lines/record_table_columns.h"
#include "notify/words/text.h"

namespace cpuagg::notify {

using internal::kKnown;
using internal::Known;

std::string RecordTable::MarkdownHeader() const {
  std::string header = "|";
  std::string rule = "|";
  for (const Column& column : columns_) {
    const Known& known = kKnown[column.index];
    absl::StrAppend(&header, " ",
                    known.is_number ? RightAligned(known.heading, column.width)
                                    : LeftAligned(known.heading, column.width),
                    " |");
    absl::StrAppend(&rule, " ", std::string(column.width - 1, '-'), known.is_number ? ":" : "-",
                    " |");
  }
  return absl::StrCat(header, "\n", rule, "\n");
}

void RecordTable::AppendMarkdown(std::string& text) const {
  text.push_back('|');
  for (size_t i = 0; i < columns_.size(); ++i) {
    absl::StrAppend(&text, " ",
                    kKnown[columns_[i].index].is_number
                        ? RightAligned(cells_[i].text, columns_[i].width)
                        : LeftAligned(cells_[i].text, columns_[i].width),
                    " |");
  }
  text.push_back('\n');
}

}  // namespace cpuagg::notify
