// SortedRecords: the lines of records in another order than that of the files, or only the first
// ones of that order.
//
//   SortedRecords sorted(RecordKey::kMemory, /*top=*/10);
//   sorted.Add(record, [&](std::string& line) { lines.Append(record, offset, file, line); });
//   sorted.AppendTo(text);

#ifndef CPUAGG_TOOLS_REPORT_SORTED_RECORDS_H_
#define CPUAGG_TOOLS_REPORT_SORTED_RECORDS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace cpuagg::tools {

// What records are sorted by: the largest first, but those that ended first for kTime.
enum class RecordKey { kCpu, kUserTime, kSystemTime, kElapsed, kMemory, kTime };

// The key of --sort. InvalidArgument lists all of them.
absl::StatusOr<RecordKey> ParseRecordKey(absl::string_view name);

// Keeps all lines in memory, or `top` of them.
class SortedRecords {
 public:
  // `top` is 0 for all records.
  SortedRecords(RecordKey key, uint64_t top) : key_(key), top_(top) {}

  // `write` appends the record's line to a string, and is called only if the record may be shown.
  template <typename Record, typename Write>
  void Add(const Record& record, const Write& write) {
    const Place place = {.key = KeyOf(record), .number = count_++};
    if (IsFull()) {
      if (!(place < rows_.front().place)) return;
      std::pop_heap(rows_.begin(), rows_.end());
      rows_.pop_back();
    }
    Row row = {.place = place};
    write(row.line);
    rows_.push_back(std::move(row));
    if (top_ > 0) std::push_heap(rows_.begin(), rows_.end());
  }

  // Appends the lines in their order. No record can be added afterwards.
  void AppendTo(std::string& text);

 private:
  // A smaller place is shown earlier. Among equals, the order of the files decides.
  struct Place {
    absl::Duration key;
    uint64_t number = 0;
    friend bool operator<(const Place& a, const Place& b) {
      return a.key != b.key ? a.key > b.key : a.number < b.number;
    }
  };
  struct Row {
    Place place;
    std::string line;
    friend bool operator<(const Row& a, const Row& b) { return a.place < b.place; }
  };

  bool IsFull() const { return top_ > 0 && rows_.size() == top_; }

  template <typename Record>
  absl::Duration KeyOf(const Record& record) const {
    const auto time = [&](uint64_t ticks) {
      return absl::Seconds(static_cast<int64_t>(ticks)) / static_cast<int64_t>(record.rate());
    };
    switch (key_) {
      case RecordKey::kCpu:
        return time(record.user_ticks() + record.system_ticks());
      case RecordKey::kUserTime:
        return time(record.user_ticks());
      case RecordKey::kSystemTime:
        return time(record.system_ticks());
      case RecordKey::kElapsed:
        return record.has_valid_elapsed() ? time(record.elapsed_ticks()) : absl::ZeroDuration();
      case RecordKey::kMemory:
        return absl::Seconds(static_cast<int64_t>(record.memory_kib()));
      case RecordKey::kTime:
        return absl::Milliseconds(-10 * record.end_hundredths());
    }
    return absl::ZeroDuration();
  }

  RecordKey key_;
  uint64_t top_;
  uint64_t count_ = 0;
  std::vector<Row> rows_;  // with `top_`, a heap with the last place in front
};

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_SORTED_RECORDS_H_
