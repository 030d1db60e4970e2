#include "acct/rotation/cursor.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace cpuagg::acct {

absl::StatusOr<Cursor> CursorAt(const File& file, uint64_t offset) {
  const absl::StatusOr<struct stat> info = file.Stat();
  if (!info.ok()) return info.status();
  const uint64_t mark_bytes = std::min(offset, Cursor::kMarkBytes);
  absl::StatusOr<std::string> head = file.ReadAt(0, mark_bytes);
  if (!head.ok()) return head.status();
  absl::StatusOr<std::string> tail = file.ReadAt(offset - mark_bytes, mark_bytes);
  if (!tail.ok()) return tail.status();
  if (head->size() < mark_bytes || tail->size() < mark_bytes) {
    return absl::DataLossError(absl::StrCat(file.path(), ": became shorter than ", offset,
                                            " bytes while it was read; run again"));
  }
  return Cursor{.offset = offset,
                .head = *std::move(head),
                .tail = *std::move(tail),
                .device = info->st_dev,
                .inode = info->st_ino};
}

void Cursor::TrimMarks() {
  // Zeros do not identify a file.
  const size_t zeros = std::min(head.find_first_not_of('\0'), head.size());
  if (head.size() > kRecordBytes && zeros < kRecordBytes) head.resize(kRecordBytes);
  if (tail.size() > kRecordBytes) tail.erase(0, tail.size() - kRecordBytes);
}

void Fingerprint::Add(absl::Span<const uint8_t> content) {
  constexpr size_t kKept = Cursor::kMarkBytes + kRecordBytes;
  offset_ += content.size();
  const auto* const bytes = reinterpret_cast<const char*>(content.data());
  const size_t missing = Cursor::kMarkBytes - head_.size();
  head_.append(bytes, std::min(missing, content.size()));
  const size_t kept = std::min(kKept, content.size());
  tail_.append(bytes + (content.size() - kept), kept);
  if (tail_.size() > kKept) tail_.erase(0, tail_.size() - kKept);
}

Cursor Fingerprint::cursor(uint64_t torn_bytes) const {
  Cursor cursor = {.offset = offset_ - torn_bytes};
  const uint64_t mark_bytes = std::min(cursor.offset, Cursor::kMarkBytes);
  cursor.head = head_.substr(0, mark_bytes);
  cursor.tail = tail_.substr(tail_.size() - torn_bytes - mark_bytes, mark_bytes);
  return cursor;
}

}  // namespace cpuagg::acct
