#include "acct/scan/other_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/file.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"

namespace cpuagg::acct {
namespace {

absl::Span<const uint8_t> BytesOf(const std::string& bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

// Whether one of the whole records that `bytes` would have is one.
bool HasRecord(const std::string& bytes) {
  for (size_t at = 0; at + kRecordBytes <= bytes.size(); at += kRecordBytes) {
    const std::optional<RecordView> record =
        RecordAt(BytesOf(bytes).subspan(at, kRecordBytes), RecordFormat());
    if (record.has_value() && HasPossibleNumbers(*record, RecordFormat())) return true;
  }
  return false;
}

}  // namespace

bool HoldsNoRecord(const std::string& path) {
  const absl::StatusOr<File> file = File::OpenForReading(path, O_NONBLOCK);
  if (!file.ok()) return false;
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok() || !S_ISREG(info->st_mode) || info->st_size == 0) return false;
  constexpr uint64_t kLooked = 64 * kRecordBytes;
  const absl::StatusOr<std::string> first = file->ReadAt(0, kLooked);
  if (!first.ok() || first->empty()) return false;
  if (first->size() < kRecordBytes) return !MayBeginRecord(BytesOf(*first));
  // A record may be torn at the end.
  const uint64_t whole = static_cast<uint64_t>(info->st_size) / kRecordBytes * kRecordBytes;
  const absl::StatusOr<std::string> last =
      file->ReadAt(whole - std::min(whole, kLooked), std::min(whole, kLooked));
  return last.ok() && !HasRecord(*first) && !HasRecord(*last);
}

}  // namespace cpuagg::acct
