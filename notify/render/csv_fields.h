// CsvFields: some fields of lines of CSV or TSV, in another order.
//
//   CsvFields fields("uid,user,share\n", {"share", "user"});
//   fields.Append("1001,alice,0.5\n", text);  // "0.5,alice\n"

#ifndef CPUAGG_NOTIFY_RENDER_CSV_FIELDS_H_
#define CPUAGG_NOTIFY_RENDER_CSV_FIELDS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::notify {

// The fields of a line of CSV or, with tabs between them, TSV, that has no line break within a
// field, each as it is written there, in `line`.
std::vector<absl::string_view> FieldsOf(absl::string_view line, char separator = ',');

class CsvFields {
 public:
  // `names` must be fields of `header`.
  CsvFields(absl::string_view header, const std::vector<std::string>& names, char separator = ',');

  // Appends those fields of `lines` to `text`, with a newline after those of each line.
  void Append(absl::string_view lines, std::string& text) const;

 private:
  char separator_;
  std::vector<size_t> places_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RENDER_CSV_FIELDS_H_
