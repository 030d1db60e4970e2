// RecordLines: accounting records as lines of text, all fields of each.
//
//   RecordLines lines(RecordLines::Form::kCsv, names, absl::LocalTimeZone());
//   text += lines.Header();
//   lines.Append(record, offset, "pacct", text);
//
// Made for millions of records: what repeats (names, days) is worked out once.

#ifndef CPUAGG_NOTIFY_RECORD_LINES_H_
#define CPUAGG_NOTIFY_RECORD_LINES_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "acct/record_view.h"
#include "acct/units.h"
#include "aggregate/user_directory.h"

namespace cpuagg::notify {

class RecordLines {
 public:
  enum class Form {
    kTable,  // columns of a width that suits most records
    kCsv,    // RFC 4180, but with lines ended by a newline alone
    kJson,   // an object a line
  };

  // `names` must outlive this object. Times of the table are in `zone`, those of the other forms in
  // UTC.
  RecordLines(Form form, aggregate::UserDirectory& names, absl::TimeZone zone)
      : form_(form), names_(names), zone_(zone) {}

  // The names of the columns, on a line; nothing for JSON.
  std::string Header() const;

  // Adds the line of a record that stands at `offset` of the input called `file`.
  void Append(const acct::RecordView& record, uint64_t offset, absl::string_view file,
              std::string& text);

 private:
  void AppendTable(const acct::RecordView& record, std::string& text);
  void AppendCsv(const acct::RecordView& record, uint64_t offset, absl::string_view file,
                 std::string& text);
  void AppendJson(const acct::RecordView& record, uint64_t offset, absl::string_view file,
                  std::string& text);

  // The name as the form writes it; what stands for a user or group without one.
  const std::string& UserCell(acct::Uid uid);
  const std::string& GroupCell(acct::Gid gid);
  const std::string& FileCell(absl::string_view file);
  // `flags` is not zero.
  const std::string& FlagsCell(uint8_t flags);
  // `bytes` as the form writes a text.
  std::string Cell(absl::string_view bytes) const;
  void AppendCommand(const acct::RecordView& record, std::string& text) const;
  void AppendTime(int64_t seconds, std::string& text);

  Form form_;
  aggregate::UserDirectory& names_;
  absl::TimeZone zone_;
  absl::flat_hash_map<acct::Uid, std::string> users_;
  absl::flat_hash_map<acct::Gid, std::string> groups_;
  std::string file_;  // that was asked for last
  std::string file_cell_;
  std::array<std::string, 256> flags_cells_;
  // A quarter of an hour, in which no clock is changed.
  struct Quarter {
    int64_t begin = INT64_MIN;
    int64_t day_seconds = 0;  // of its beginning, by the clock of the form's zone
    std::string date = {};
  };
  std::array<Quarter, 16> quarters_;  // that were asked for last
};

// The flags of ac_flag by name, joined by `separator`: "fork", "su", "compat", "core", "signal",
// "group"; what has no name in hexadecimal.
std::string FlagNames(uint8_t flags, absl::string_view separator);

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_RECORD_LINES_H_
