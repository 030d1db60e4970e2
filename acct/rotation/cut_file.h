// Finds what was appended to an accounting file after it had been truncated in place, below the
// offset already read. A power failure that loses the last records does this, or a person.
//
// The point of truncation is unknown, because only the beginning and the end of the part already
// read are kept. But records are in the order in which processes ended. So the new part begins
// after the last record of a process that had ended when the file was read.

#ifndef CPUAGG_ACCT_ROTATION_CUT_FILE_H_
#define CPUAGG_ACCT_ROTATION_CUT_FILE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/rotation/cursor.h"

namespace cpuagg::acct {

struct CutContent {
  uint64_t new_begin = 0;  // where the first new record begins; `end` if there is none
  uint64_t end = 0;
};

// Finds the new part of `content`, a whole file with the same beginning as `cursors`, of which
// there is at least one. If no record shows where the new part begins, nothing is new. A record
// from the same second as the last record already read counts as old: losing it, which is reported
// as a gap, is better than counting it twice.
absl::StatusOr<CutContent> FindNewAfterCut(ByteSource& content,
                                           const std::vector<const Cursor*>& cursors);

// The same if another file still has all that had been read, and the first `common` bytes of both
// are equal: then the part that had been read ends with the last record in these.
absl::StatusOr<CutContent> FindNewAfterCommon(ByteSource& content, uint64_t common);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_CUT_FILE_H_
