// RecordTable: writes accounting records as the lines of a table for people, with the columns that
// fit a terminal or that were asked for.
//
//   RecordTable table(style, names, absl::LocalTimeZone());
//   text += table.Header();
//   table.Append(record, offset, "pacct", text);
//
// The widths of its columns are known before the first record, since there may be millions. A cell
// that is wider takes blanks of the cells after it. Only if these do not suffice is a name cut, and
// only in a terminal. The table of --wide is that of RecordLines, and so is Markdown without
// --columns.

#ifndef CPUAGG_NOTIFY_LINES_RECORD_TABLE_H_
#define CPUAGG_NOTIFY_LINES_RECORD_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/id_table.h"
#include "notify/words/table_style.h"

namespace cpuagg::notify {

// The names of all columns: those of CSV, and "status".
std::vector<std::string> RecordColumnNames();

class RecordTable {
 public:
  enum class Form {
    kText,
    kMarkdown,  // GitHub-flavoured (notify/render/markdown.h); not for a terminal
  };

  // `names` must outlive this object. `style.columns` must be of RecordColumnNames(). Times are in
  // `zone`.
  RecordTable(TableStyle style, aggregate::UserDirectory& names, absl::TimeZone zone,
              Form form = Form::kText);

  // The names of the columns, on one line, or for Markdown on two.
  std::string Header() const;

  // Appends the line of a record at `offset` of the input `file` to `text`. `Record` is a
  // RecordV3View or a RecordView.
  template <typename Record>
  void Append(const Record& record, uint64_t offset, absl::string_view file, std::string& text);

  // Whether two different names look the same in the lines so far, because they are cut.
  bool has_equal_names() const { return has_equal_names_; }

 private:
  struct Column {
    size_t index;  // in the table of all columns
    size_t width;
  };
  struct Cell {
    std::string text;
    size_t width = 0;
    size_t last_begin = 0;  // in the line, so that the cells after it fit
    std::string whole;      // what was cut; empty if nothing was
  };

  // Those that fit the terminal.
  void ChooseColumns();
  // Makes room for columns that were asked for.
  void NarrowNames();
  template <typename Record>
  void WriteCell(const Record& record, uint64_t offset, absl::string_view file, size_t index,
                 Cell& cell);
  // A line of Markdown, of the cells.
  void AppendMarkdown(std::string& text) const;
  std::string MarkdownHeader() const;
  // Cuts the longest names until the cells fit with one blank between them.
  void CutNames();
  std::string Name(absl::string_view bytes) const;
  void WriteTime(int64_t seconds, std::string& text);

  const TableStyle style_;
  aggregate::UserDirectory& names_;
  const absl::TimeZone zone_;
  const Form form_;
  std::vector<Column> columns_;
  std::vector<Cell> cells_;  // of the current line
  IdTable<std::string> users_;
  IdTable<std::string> groups_;
  // What was cut to this, in which column.
  absl::flat_hash_map<std::pair<size_t, std::string>, std::string> whole_names_;
  bool has_equal_names_ = false;
  // The text of a minute, without its seconds.
  int64_t minute_begin_ = -1;
  std::string minute_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_RECORD_TABLE_H_
