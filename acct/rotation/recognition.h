// Which generation of the accounting file each of the files is, by content and not by name.
//
// A file continues a cursor if it begins as the cursor's generation does and has the bytes before
// the cursor's offset in their place, whatever it is called and whether it is compressed. Of
// several files with the same beginning (copies, what a compressor has not finished, what an
// interrupted gunzip left) the one that reaches furthest is read, and the others hold nothing new.

#ifndef CPUAGG_ACCT_ROTATION_RECOGNITION_H_
#define CPUAGG_ACCT_ROTATION_RECOGNITION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::acct {

// What is known of each of `generations`: the input of PlanReading(). Aborted if one of them was
// replaced meanwhile.
absl::StatusOr<std::vector<KnownGeneration>> Recognise(const std::vector<Generation>& generations,
                                                       const std::vector<Cursor>& cursors);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_RECOGNITION_H_
