#include "acct/cursor.h"

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

absl::StatusOr<bool> Continues(const File& file, const Cursor& cursor) {
  // A cursor comes from a file as well, so its parts may disagree.
  if (cursor.offset == 0 || cursor.tail.size() > cursor.offset) return false;
  absl::StatusOr<std::string> head = file.ReadAt(0, cursor.head.size());
  if (!head.ok()) return head.status();
  if (*head != cursor.head) return false;
  absl::StatusOr<std::string> tail =
      file.ReadAt(cursor.offset - cursor.tail.size(), cursor.tail.size());
  if (!tail.ok()) return tail.status();
  return *tail == cursor.tail;
}

}  // namespace cpuagg::acct
