// Cursor: how far a generation of the accounting file has been read, and how to recognise that
// generation under another name.
//
// File names change with every rotation, and the next file may reuse an inode number. So the
// content identifies a generation: the bytes at its beginning, and the bytes just before the offset
// reached. Both have already been read. They never change, because the kernel only appends to an
// accounting file.

#ifndef CPUAGG_ACCT_ROTATION_CURSOR_H_
#define CPUAGG_ACCT_ROTATION_CURSOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/io/file.h"
#include "acct/record/layout.h"

namespace cpuagg::acct {

struct Cursor {
  // The length of `head` and `tail` for a generation that may still grow: four records. For a
  // complete generation one record is enough.
  static constexpr uint64_t kMarkBytes = 256;

  uint64_t offset = 0;  // bytes read, a record boundary
  std::string head;     // bytes [0, min(offset, kMarkBytes)), or fewer
  std::string tail;     // bytes [max(offset, kMarkBytes) - kMarkBytes, offset), or fewer
  // The length in bytes of the torn record after `offset`, if it has already been reported.
  uint64_t trailing_bytes = 0;
  // Which file it was. Only hints.
  uint64_t device = 0;
  uint64_t inode = 0;

  // The file's length (compressed or not) and modification time when it had been read to its end.
  // If these and the hints are unchanged, there is nothing new in the file. Zero if it has not been
  // read to its end.
  uint64_t sealed_bytes = 0;
  int64_t sealed_nanos = 0;

  // The file's creation time, if the file system knows it. Kept for a generation that was empty,
  // which has no content to recognise, and for the one that the kernel wrote to.
  int64_t born_nanos = 0;

  // The latest end time of a process among the records read, in seconds since 1970; 0 if unknown.
  int64_t last_end_seconds = 0;

  // The kernel may have written to it after it was last read. If the generation is gone, an unknown
  // amount is lost.
  bool may_grow = false;
  // It was missing at the last run, and that has been reported. The cursor is kept in case the
  // generation comes back.
  bool is_gone = false;

  // Shortens `head` and `tail` of a complete generation to one record each.
  void TrimMarks();

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// The cursor for `file` read up to `offset`, which is at most the file's length.
absl::StatusOr<Cursor> CursorAt(const File& file, uint64_t offset);

// Collects the first and the last Cursor::kMarkBytes of a content.
class Fingerprint {
 public:
  void Add(absl::Span<const uint8_t> content);
  // The cursor for everything added except the last `torn_bytes` bytes, which are fewer than a
  // record.
  Cursor cursor(uint64_t torn_bytes = 0) const;

 private:
  uint64_t offset_ = 0;
  std::string head_;
  std::string tail_;  // with room for a torn record
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_CURSOR_H_
