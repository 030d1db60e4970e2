#include "tools/check/accounting/record_tail.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/open_source.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/scan/record_scanner.h"

namespace cpuagg::tools::check {
namespace {

template <typename Record>
absl::Time EndOf(const Record& record) {
  return absl::FromUnixMillis(record.view().end_hundredths() * 10);
}

template <typename Record>
bool IsOf(const Record& record, const acct::AccountingProbe& probe) {
  const acct::RecordView view = record.view();
  const absl::Span<const uint8_t> raw = view.raw_command();
  const absl::string_view command(reinterpret_cast<const char*>(raw.data()),
                                  strnlen(reinterpret_cast<const char*>(raw.data()), raw.size()));
  // The kernel rounds the begin time, and takes it from a different clock.
  constexpr int64_t kSlackSeconds = 2;
  const int64_t begin = view.begin_time();
  return (!view.pid().has_value() || *view.pid() == probe.pid) && view.uid() == probe.uid &&
         command == probe.command && begin >= probe.begin_time - kSlackSeconds &&
         begin <= probe.end_time + kSlackSeconds;
}

}  // namespace

absl::StatusOr<RecordTail> ReadRecordTail(const std::string& path,
                                          const std::optional<acct::AccountingProbe>& probe) {
  constexpr uint64_t kTailBytes = uint64_t{1} << 18;
  const absl::StatusOr<acct::File> file = acct::File::OpenForReading(path, O_NONBLOCK | O_NOCTTY);
  if (!file.ok()) return file.status();
  const absl::StatusOr<struct stat> info = file->Stat();
  if (!info.ok()) return info.status();
  if (!S_ISREG(info->st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not a regular file"));
  }
  RecordTail tail = {.file_bytes = static_cast<uint64_t>(info->st_size)};
  const uint64_t begin = tail.file_bytes > kTailBytes ? (tail.file_bytes - kTailBytes) /
                                                            acct::kRecordBytes * acct::kRecordBytes
                                                      : 0;
  const absl::StatusOr<std::string> bytes = file->ReadAt(begin, tail.file_bytes - begin);
  if (!bytes.ok()) return bytes.status();
  acct::RecordScanner scanner(begin);
  const auto note = [&](const auto& record, uint64_t) {
    ++tail.records;
    tail.version = record.view().version();
    tail.last_end = EndOf(record);
    tail.latest_end = std::max(tail.latest_end.value_or(absl::InfinitePast()), *tail.last_end);
    constexpr size_t kMostUsers = 100;
    const acct::Uid user = record.view().uid();
    if (tail.users.size() < kMostUsers &&
        std::find(tail.users.begin(), tail.users.end(), user) == tail.users.end()) {
      tail.users.push_back(user);
    }
    if (probe.has_value() && IsOf(record, *probe)) tail.has_probe = true;
  };
  scanner.Scan(absl::MakeConstSpan(reinterpret_cast<const uint8_t*>(bytes->data()), bytes->size()),
               note);
  scanner.Finish(note);
  return tail;
}

absl::StatusOr<std::optional<absl::Time>> FirstEndIn(const std::string& path) {
  absl::StatusOr<acct::File> file = acct::File::OpenForReading(path, O_NONBLOCK | O_NOCTTY);
  if (!file.ok()) return file.status();
  absl::StatusOr<std::unique_ptr<acct::ByteSource>> source = acct::OpenSource(*std::move(file));
  if (!source.ok()) return source.status();
  const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
  if (!block.ok()) return block.status();
  std::optional<absl::Time> first;
  acct::RecordScanner scanner;
  const auto note = [&](const auto& record, uint64_t) {
    if (!first.has_value()) first = EndOf(record);
  };
  constexpr size_t kEnough = size_t{1} << 16;
  scanner.Scan(block->subspan(0, std::min(block->size(), kEnough)), note);
  scanner.Finish(note);
  return first;
}

}  // namespace cpuagg::tools::check
