#include "notify/render/csv_fields.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace cpuagg::notify {

std::vector<absl::string_view> FieldsOf(absl::string_view line, char separator) {
  absl::ConsumeSuffix(&line, "\n");
  std::vector<absl::string_view> fields;
  bool is_quoted = false;
  size_t begin = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    // A quote within a quoted field is written twice, which leaves it quoted. TSV has no quotes.
    if (line[at] == '"' && separator == ',') is_quoted = !is_quoted;
    if (line[at] != separator || is_quoted) continue;
    fields.push_back(line.substr(begin, at - begin));
    begin = at + 1;
  }
  fields.push_back(line.substr(begin));
  return fields;
}

CsvFields::CsvFields(absl::string_view header, const std::vector<std::string>& names,
                     char separator)
    : separator_(separator) {
  const std::vector<absl::string_view> known = FieldsOf(header, separator);
  for (const std::string& name : names) {
    const auto place = std::find(known.begin(), known.end(), name);
    if (place != known.end()) places_.push_back(static_cast<size_t>(place - known.begin()));
  }
}

void CsvFields::Append(absl::string_view lines, std::string& text) const {
  absl::ConsumeSuffix(&lines, "\n");
  for (const absl::string_view line : absl::StrSplit(lines, '\n')) {
    const std::vector<absl::string_view> fields = FieldsOf(line, separator_);
    for (size_t i = 0; i < places_.size(); ++i) {
      if (i > 0) text.push_back(separator_);
      absl::StrAppend(&text, fields[places_[i]]);
    }
    // Readers skip an empty line.
    if (places_.size() == 1 && fields[places_[0]].empty() && separator_ == ',') text += "\"\"";
    text.push_back('\n');
  }
}

}  // namespace cpuagg::notify
