// RecordWriter: the lines or messages of `cpuagg records`, in the format and with the columns that
// were asked for.

#ifndef CPUAGG_TOOLS_REPORT_RECORD_WRITER_H_
#define CPUAGG_TOOLS_REPORT_RECORD_WRITER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/record_lines.h"
#include "notify/lines/record_stream.h"
#include "notify/lines/record_table.h"
#include "notify/render/csv_fields.h"
#include "notify/words/table_style.h"
#include "tools/config/output_format.h"

namespace cpuagg::tools {

// Those of lines of text.
inline notify::RecordLines::Form FormOf(Format format) {
  switch (format) {
    case Format::kCsv:
      return notify::RecordLines::Form::kCsv;
    case Format::kTsv:
      return notify::RecordLines::Form::kTsv;
    // Both are an object a line.
    case Format::kJson:
    case Format::kJsonLines:
      return notify::RecordLines::Form::kJson;
    case Format::kMarkdown:
      return notify::RecordLines::Form::kMarkdown;
    case Format::kTable:
    case Format::kHtml:
    case Format::kProto:
      break;
  }
  return notify::RecordLines::Form::kTable;
}

class RecordWriter {
 public:
  // `names` must outlive this object.
  RecordWriter(Format format, const notify::TableStyle& style, aggregate::UserDirectory& names,
               absl::TimeZone zone)
      : lines_(FormOf(format), names, zone, style.is_ascii) {
    if (format == Format::kProto) {
      stream_.emplace(names);
    } else if (format == Format::kTable && !style.is_wide) {
      table_.emplace(style, names, zone);
    } else if (format == Format::kMarkdown && !style.columns.empty()) {
      table_.emplace(style, names, zone, notify::RecordTable::Form::kMarkdown);
    } else if (!style.columns.empty()) {
      fields_.emplace(lines_.Header(), style.columns, format == Format::kTsv ? '\t' : ',');
    }
  }

  std::string Header() const {
    if (stream_.has_value()) return "";
    if (table_.has_value()) return table_->Header();
    if (!fields_.has_value()) return lines_.Header();
    std::string header;
    fields_->Append(lines_.Header(), header);
    return header;
  }

  // As RecordLines::Append().
  template <typename Record>
  void Append(const Record& record, uint64_t offset, absl::string_view file, std::string& text) {
    if (stream_.has_value()) {
      stream_->Append(record, offset, file, text);
    } else if (table_.has_value()) {
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
  std::optional<notify::RecordStream> stream_;
  std::optional<notify::RecordTable> table_;
  std::optional<notify::CsvFields> fields_;
  std::string line_;
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_RECORD_WRITER_H_
