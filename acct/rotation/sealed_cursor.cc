#include "acct/rotation/sealed_cursor.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/record/layout.h"

namespace cpuagg::acct {

void Seal(const Generation& generation, Cursor& cursor) {
  cursor.device = generation.device;
  cursor.inode = generation.inode;
  cursor.sealed_bytes = generation.size;
  cursor.sealed_nanos = generation.modified_nanos;
}

absl::StatusOr<Cursor> CursorAtEnd(const Generation& generation) {
  Cursor cursor;
  if (generation.is_compressed) {
    absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
    if (!content.ok()) return content.status();
    Fingerprint fingerprint;
    for (;;) {
      const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
      if (!block.ok()) return block.status();
      if (block->empty()) break;
      fingerprint.Add(*block);
    }
    const uint64_t length = fingerprint.cursor().offset;
    cursor = fingerprint.cursor(length % kRecordBytes);
    cursor.trailing_bytes = length % kRecordBytes;
  } else {
    const absl::StatusOr<File> file = generation.Open();
    if (!file.ok()) return file.status();
    const uint64_t torn_bytes = generation.size % kRecordBytes;
    absl::StatusOr<Cursor> end = CursorAt(*file, generation.size - torn_bytes);
    if (!end.ok()) return end.status();
    cursor = *std::move(end);
    cursor.trailing_bytes = torn_bytes;
  }
  Seal(generation, cursor);
  return cursor;
}

}  // namespace cpuagg::acct
