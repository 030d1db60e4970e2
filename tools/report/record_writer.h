// RecordWriter: the lines of `cpuagg records`, in the format and with the columns that were asked
// for.

#ifndef CPUAGG_TOOLS_REPORT_RECORD_WRITER_H_
#define CPUAGG_TOOLS_REPORT_RECORD_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/record_lines.h"
#include "notify/lines/record_table.h"
#include "notify/render/csv_fields.h"
#include "notify/words/table_style.h"

namespace cpuagg::tools {

class RecordWriter {
 public:
  using Form = notify::RecordLines::Form;

  // `names` must outlive this object.
  RecordWriter(Form form, const notify::TableStyle& style, aggregate::UserDirectory& names,
               absl::TimeZone zone)
      : lines_(form, names, zone, style.is_ascii) {
    if (form == Form::kTable && !style.is_wide) {
      table_.emplace(style, names, zone);
    } else if (!style.columns.empty()) {
      fields_.emplace(lines_.Header(), style.columns, form == Form::kTsv ? '\t' : ',');
    }
  }

  std::string Header() const {
    if (table_.has_value()) return table_->Header();
    if (!fields_.has_value()) return lines_.Header();
    std::string header;
    fields_->Append(lines_.Header(), header);
    return header;
  }

  // As RecordLines::Append().
  template <typename Record>
  void Append(const Record& record, uint64_t offset, absl::string_view file, std::string& text) {
    if (table_.has_value()) {
      table_->Append(record, offset, file, text);
    } else if (fields_.has_value()) {
      line_.clear();
      lines_.Append(record, offset, file, line_);
      fields_->Append(line_, text);
    } else {
      lines_.Append(record, offset, file, text);
    }
  }

  // Whether two different names look the same, because they are cut.
  bool has_equal_names() const { return table_.has_value() && table_->has_equal_names(); }

 private:
  notify::RecordLines lines_;
  std::optional<notify::RecordTable> table_;
  std::optional<notify::CsvFields> fields_;
  std::string line_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_RECORD_WRITER_H_
