// Cursor: how far a generation of the accounting file has been read, and how to know that
// generation again under another name.
//
// Names change with every rotation and inode numbers are reused by the next file, so a generation
// is known by content: the bytes at its beginning and the bytes just before the position reached.
// Both have been read already, and an accounting file is only ever appended to, so they never
// change.

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
  // How many bytes from each end of the part already read are kept of a generation that may still
  // grow: four records. One is enough to know a complete one again.
  static constexpr uint64_t kMarkBytes = 256;

  uint64_t offset = 0;  // bytes read; at a record boundary
  std::string head;     // bytes [0, min(offset, kMarkBytes)), or fewer
  std::string tail;     // bytes [max(offset, kMarkBytes) - kMarkBytes, offset), or fewer
  // The torn record behind `offset` that has been reported, in bytes.
  uint64_t trailing_bytes = 0;
  // Only hints: which file it was.
  uint64_t device = 0;
  uint64_t inode = 0;

  // The length of the file (compressed or not) when it was read to its end, and when it had been
  // written last. As long as these and the hints are the same there is nothing new in it. Zero if
  // it has not been read to its end.
  uint64_t sealed_bytes = 0;
  int64_t sealed_nanos = 0;

  // When the file was made, as far as the file system knows: of a generation that was empty, which
  // has no content to be known by, and of the one that the kernel wrote to.
  int64_t born_nanos = 0;

  // When the last of the processes ended whose records were read, in seconds since 1970; 0 if that
  // is not known.
  int64_t last_end_seconds = 0;

  // When it was read last, the kernel may still have written to it. If it is gone, what was added
  // since is unknown.
  bool may_grow = false;
  // It was gone when it was looked for last, and that has been reported. It is remembered in case
  // that it comes back.
  bool is_gone = false;

  // Shortens the marks of what is complete to a record each.
  void TrimMarks();

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// The cursor for `file` read up to `offset`, which is at most its length.
absl::StatusOr<Cursor> CursorAt(const File& file, uint64_t offset);

// The first Cursor::kMarkBytes of `content` and the last ones.
class Fingerprint {
 public:
  void Add(absl::Span<const uint8_t> content);
  // The cursor for all that was added but the last `torn_bytes`, which are fewer than a record.
  Cursor cursor(uint64_t torn_bytes = 0) const;

 private:
  uint64_t offset_ = 0;
  std::string head_;
  std::string tail_;  // with room for a torn record
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_CURSOR_H_
