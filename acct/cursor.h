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

  friend bool operator==(const Cursor&, const Cursor&) = default;
};

// The cursor for `file` read up to `offset`, which is at most its length.
absl::StatusOr<Cursor> CursorAt(const File& file, uint64_t offset);

// Whether `file` begins with what was read before `cursor`. Never true for an offset of zero, which
// tells nothing.
absl::StatusOr<bool> Continues(const File& file, const Cursor& cursor);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_CURSOR_H_
