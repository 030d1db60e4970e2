// RecordStream: writes accounting records as protobuf messages, each with its length in front of
// it (notify/lines/accounting_record.proto).
//
//   RecordStream stream(names);
//   stream.Append(record, offset, "pacct", bytes);

#ifndef CPUAGG_NOTIFY_LINES_RECORD_STREAM_H_
#define CPUAGG_NOTIFY_LINES_RECORD_STREAM_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "aggregate/names/user_directory.h"
#include "notify/lines/id_table.h"

namespace cpuagg {
class AccountingRecord;
}  // namespace cpuagg

namespace cpuagg::notify {

class RecordStream {
 public:
  // `names` must outlive this object.
  explicit RecordStream(aggregate::UserDirectory& names);
  ~RecordStream();

  // Appends the message of a record at `offset` of the input `file` to `bytes`. `Record` is a
  // RecordV3View or a RecordView.
  template <typename Record>
  void Append(const Record& record, uint64_t offset, absl::string_view file, std::string& bytes);

 private:
  aggregate::UserDirectory& names_;
  std::unique_ptr<AccountingRecord> message_;  // of one record; kept for its memory
  std::string file_;                           // the last file asked for
  IdTable<std::optional<std::string>> users_;
  IdTable<std::optional<std::string>> groups_;
};

}  // namespace cpuagg::notify

#endif  // CPUAGG_NOTIFY_LINES_RECORD_STREAM_H_
