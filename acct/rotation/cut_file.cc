#include "acct/rotation/cut_file.h"

#include <algorithm>
#include <optional>

#include "absl/types/span.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"
#include "acct/scan/record_scanner.h"

namespace cpuagg::acct {
namespace {

// The end time of the last record in `tail`, in hundredths of a second since 1970; nullopt if it
// has no records. Ignores version 0: kernels of today do not write it, and misaligned data often
// looks like it.
std::optional<int64_t> LastEnd(absl::Span<const uint8_t> tail) {
  for (; tail.size() >= kPackedV1Bytes; tail.remove_suffix(std::min(tail.size(), kRecordBytes))) {
    for (const size_t bytes : {kRecordBytes, kPackedV1Bytes}) {
      if (tail.size() < bytes) continue;
      const std::optional<RecordView> record = RecordAt(tail.last(bytes), RecordFormat());
      if (record.has_value() && record->version() != 0 && IsRegular(*record)) {
        return record->end_hundredths();
      }
    }
  }
  return std::nullopt;
}

// The latest end of a process up to `cursor`, in the same unit. If the clock was set back, it is
// not that of the last record.
std::optional<int64_t> LatestEnd(const Cursor& cursor) {
  const std::optional<int64_t> last =
      LastEnd({reinterpret_cast<const uint8_t*>(cursor.tail.data()), cursor.tail.size()});
  // Larger than in any record, but its hundredths still fit.
  constexpr int64_t kMaxSeconds = int64_t{1} << 40;
  const int64_t latest_seconds = std::min(cursor.last_end_seconds, kMaxSeconds);
  if (latest_seconds <= 0 || latest_seconds == last.value_or(0) / 100) return last;
  return std::max(last, std::optional<int64_t>(latest_seconds * 100 + 99));
}

// The new part of `content`, which begins with the first record after all those for which
// `is_old(record, offset)`.
template <typename IsOld>
absl::StatusOr<CutContent> FindNew(ByteSource& content, IsOld is_old) {
  std::optional<uint64_t> new_begin;
  const auto look = [&](const auto& record, uint64_t offset) {
    if (is_old(record, offset)) {
      new_begin.reset();
    } else if (!new_begin.has_value() && IsRegular(record.view())) {
      // The rest of a torn record at the cut may look like a record, but is not regular.
      new_begin = offset;
    }
  };
  CutContent found;
  // Without a clock: the code that reads the new part has one, and skips and reports records that
  // it finds implausible.
  RecordScanner scanner;
  for (;;) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = content.Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    found.end += block->size();
    scanner.Scan(*block, look);
  }
  scanner.Finish(look);
  found.new_begin = new_begin.value_or(found.end);
  return found;
}

}  // namespace

absl::StatusOr<CutContent> FindNewAfterCut(ByteSource& content,
                                           const std::vector<const Cursor*>& cursors) {
  std::optional<int64_t> last;
  for (const Cursor* const cursor : cursors) last = std::max(last, LatestEnd(*cursor));
  // A record has its begin time in whole seconds, so its end may be up to a second too early.
  constexpr int64_t kSecond = 100;
  return FindNew(content, [&](const auto& record, uint64_t /*offset*/) {
    if (!last.has_value()) return true;
    return IsPlausible(record.view()) && record.end_hundredths() < *last + kSecond;
  });
}

absl::StatusOr<CutContent> FindNewAfterCommon(ByteSource& content, uint64_t common) {
  // The shortest records. No two records differ in the two bytes alone that others have besides.
  return FindNew(content, [common](const auto& /*record*/, uint64_t offset) {
    return offset + kPackedV1Bytes <= common;
  });
}

}  // namespace cpuagg::acct
