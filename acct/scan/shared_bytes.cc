#include "acct/scan/shared_bytes.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"
#include "acct/scan/source_from.h"

namespace cpuagg::acct {

absl::StatusOr<SharedBytes> CompareFrom(const std::string& first, uint64_t first_begin,
                                        const std::string& second, uint64_t second_begin) {
  absl::StatusOr<std::unique_ptr<ByteSource>> a = OpenFrom(first, first_begin);
  if (!a.ok()) return a.status();
  absl::StatusOr<std::unique_ptr<ByteSource>> b = OpenFrom(second, second_begin);
  if (!b.ok()) return b.status();
  SharedBytes shared;
  absl::Span<const uint8_t> rest_a;
  absl::Span<const uint8_t> rest_b;
  const auto refill = [](ByteSource& source, absl::Span<const uint8_t>& rest) -> absl::Status {
    if (!rest.empty()) return absl::OkStatus();
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (block.ok()) rest = *block;
    return block.status();
  };
  for (;;) {
    if (absl::Status status = refill(**a, rest_a); !status.ok()) return status;
    if (absl::Status status = refill(**b, rest_b); !status.ok()) return status;
    const size_t length = std::min(rest_a.size(), rest_b.size());
    const size_t same = static_cast<size_t>(
        std::mismatch(rest_a.begin(), rest_a.begin() + static_cast<ptrdiff_t>(length),
                      rest_b.begin())
            .first -
        rest_a.begin());
    shared.bytes += same;
    constexpr size_t kKept = 64 * kRecordBytes;
    const size_t kept = std::min(same, kKept - shared.beginning.size());
    shared.beginning.append(reinterpret_cast<const char*>(rest_a.data()), kept);
    rest_a.remove_prefix(same);
    rest_b.remove_prefix(same);
    if (length > same || length == 0) break;
  }
  const auto at_end = [](ByteSource& source,
                         absl::Span<const uint8_t> rest) -> absl::StatusOr<bool> {
    if (rest.size() >= kRecordBytes) return false;
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (!block.ok()) return block.status();
    return block->empty() || rest.size() + block->size() < kRecordBytes;
  };
  const absl::StatusOr<bool> end_of_a = at_end(**a, rest_a);
  if (!end_of_a.ok()) return end_of_a.status();
  const absl::StatusOr<bool> end_of_b = at_end(**b, rest_b);
  if (!end_of_b.ok()) return end_of_b.status();
  shared.reaches_end_of_first = *end_of_a;
  shared.reaches_end_of_second = *end_of_b;
  return shared;
}

bool IsProof(const SharedBytes& shared, size_t record_bytes) {
  const std::string& bytes = shared.beginning;
  if (shared.bytes < record_bytes) return false;
  const std::optional<RecordView> record =
      RecordAt({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, RecordFormat());
  if (record.has_value() && record->pid().value_or(0) != 0) return true;
  constexpr int kEnough = 4;
  int different = 1;
  for (size_t at = record_bytes; at + record_bytes <= bytes.size(); at += record_bytes) {
    if (bytes.compare(at, record_bytes, bytes, at - record_bytes, record_bytes) != 0) ++different;
  }
  return different >= kEnough;
}

}  // namespace cpuagg::acct
