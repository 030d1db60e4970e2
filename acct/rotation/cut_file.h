// What was written to an accounting file after it was cut off in its place, in the midst of what
// had been read: after a power failure that lost its last records, or by somebody's hand.
//
// Where it was cut is not known, since of what had been read only the beginning and the end are
// kept. But records come in the order in which processes ended: what follows the last record of a
// process that ended before all had been read is new.

#ifndef CPUAGG_ACCT_ROTATION_CUT_FILE_H_
#define CPUAGG_ACCT_ROTATION_CUT_FILE_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/rotation/cursor.h"

namespace cpuagg::acct {

struct CutContent {
  uint64_t new_begin = 0;  // where the first new record begins; the end if there is none
  uint64_t end = 0;
};

// Finds the new part of `content`, a whole file that begins as those did which had been read up to
// `cursors`, of which there is at least one. Nothing is new if no record tells. A record that ended
// in the same second as the last one that had been read passes for an old one: it is rather lost,
// which is a gap, than counted twice.
absl::StatusOr<CutContent> FindNewAfterCut(ByteSource& content,
                                           const std::vector<const Cursor*>& cursors);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_CUT_FILE_H_
