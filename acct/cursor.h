// Cursor: how far a generation of the accounting file has been read, and how to know that
// generation again under another name.
//
// Names change with every rotation and inode numbers are reused by the next file, so a generation
// is known by content: the bytes at its beginning and the bytes just before the position reached.
// Both have been read already, and an accounting file is only ever appended to, so they never
// change.

#ifndef CPUAGG_ACCT_CURSOR_H_
#define CPUAGG_ACCT_CURSOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "acct/file.h"

namespace cpuagg::acct {

struct Cursor {
  // How many bytes from each end of the part already read are kept: four records.
  static constexpr uint64_t kMarkBytes = 256;

  uint64_t offset = 0;  // bytes read; at a record boundary
  std::string head;     // bytes [0, min(offset, kMarkBytes))
  std::string tail;     // bytes [max(offset, kMarkBytes) - kMarkBytes, offset)
  // Only hints, to choose between files whose content fits equally well.
  uint64_t device = 0;
  uint64_t inode = 0;

  // Of a compressed file that was read to its end: its length and when it was written last. Such a
  // file does not change any more, and as long as these and the hints are the same there is no need
  // to decompress it. Zero for others.
  uint64_t sealed_bytes = 0;
  int64_t sealed_nanos = 0;

  // The generation was gone when it was looked for last, and that has been reported. It is
  // remembered in case that it comes back.
  bool is_gone = false;

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// The cursor for `file` read up to `offset`, which is at most its length.
absl::StatusOr<Cursor> CursorAt(const File& file, uint64_t offset);

// The first Cursor::kMarkBytes of `content` and the last ones.
class Marks {
 public:
  void Add(absl::Span<const uint8_t> content);
  // The cursor for all that was added.
  Cursor cursor() const;

 private:
  uint64_t offset_ = 0;
  std::string head_;
  std::string tail_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_CURSOR_H_
