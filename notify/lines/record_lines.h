// RecordLines: writes accounting records as lines of text, with all fields of each.
//
//   RecordLines lines(RecordLines::Form::kCsv, names, absl::LocalTimeZone());
//   text += lines.Header();
//   lines.Append(record, offset, "pacct", text);
//
// Made for millions of records: repeated values (names, days) are computed once.

#ifndef CPUAGG_NOTIFY_LINES_RECORD_LINES_H_
#define CPUAGG_NOTIFY_LINES_RECORD_LINES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/id_table.h"
#include "notify/lines/line_writer.h"

namespace cpuagg::notify {

class RecordLines {
 public:
  enum class Form {
    kTable,     // columns of a width that suits most records
    kCsv,       // RFC 4180, except that lines end with only a newline
    kTsv,       // separated by tabs (notify/render/tsv.h)
    kJson,      // one object per line
    kMarkdown,  // the table, as GitHub-flavoured Markdown (notify/render/markdown.h)
  };

  // `names` must outlive this object. The table and Markdown show times in `zone`, the other forms
  // in UTC. With `is_ascii`, the table has no other characters (notify/words/fitted_text.h).
  RecordLines(Form form, aggregate::UserDirectory& names, absl::TimeZone zone,
              bool is_ascii = false)
      : form_(form), names_(names), zone_(zone), is_ascii_(is_ascii) {}

  // The names of the columns, on one line, for Markdown on two; empty for JSON.
  std::string Header() const;

  // Appends the line of a record at `offset` of the input `file` to `text`. `Record` is a
  // RecordV3View or a RecordView.
  template <typename Record>
  void Append(const Record& record, uint64_t offset, absl::string_view file, std::string& text);

 private:
  // The texts of a record in this form.
  struct Cells;
  template <typename Record>
  Cells CellsOf(const Record& record, absl::string_view file);
  // The cell of a user or group: id and name, or a placeholder if there is no name.
  std::string AccountCell(uint32_t id, const std::optional<std::string>& name,
                          absl::string_view kind) const;
  std::string TtyCell(uint16_t tty) const;
  std::string FlagsCell(uint8_t flags) const;
  // `bytes` as a text of this form.
  std::string Cell(absl::string_view bytes) const;

  template <Form kForm, typename Record>
  void WriteTable(const Record& record, const Cells& cells, LineWriter& line);
  // CSV, TSV and JSON have the same columns, from one table.
  template <Form kForm, typename Record>
  struct Line;
  template <Form kForm, typename Record>
  void WriteColumns(const Record& record, const Cells& cells, uint64_t offset, LineWriter& out);
  void WriteTime(uint64_t seconds, LineWriter& line);

  // An hour in the form's time zone; none at first.
  struct Hour {
    uint64_t begin = 0;  // since 1970
    uint64_t seconds = 0;
    uint64_t day_seconds = 0;        // the time of day at its beginning
    std::array<char, 16> date = {};  // and the text before the time
    size_t date_bytes = 0;
  };
  Hour HourAt(uint64_t seconds) const;

  Form form_;
  aggregate::UserDirectory& names_;
  absl::TimeZone zone_;
  bool is_ascii_;
  std::vector<char> room_;  // for one line
  IdTable<std::string> users_;
  IdTable<std::string> groups_;
  IdTable<std::string> ttys_;
  std::array<std::string, 256> flags_;
  std::string file_;  // the last file asked for
  std::string file_cell_;
  std::array<Hour, 16> hours_;  // the hours asked for last
};

// The names of the columns in CSV.
std::vector<std::string> RecordCsvNames();

// The flags of ac_flag by name, joined by `separator`: "fork", "su", "compat", "core", "signal",
// "group". Flags without a name are written in hexadecimal.
std::string FlagNames(uint8_t flags, absl::string_view separator);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_RECORD_LINES_H_
