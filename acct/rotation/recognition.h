// Recognises which generation of the accounting file each file is, by content and not by name.
//
// A file continues a cursor if it has the same beginning as the cursor's generation, and the bytes
// before the cursor's offset at the same position. Its name does not matter, nor whether it is
// compressed. If several files have the same beginning (copies, unfinished output of a compressor,
// the rest of an interrupted gunzip), the longest is read, and the others hold nothing new.

#ifndef CPUAGG_ACCT_ROTATION_RECOGNITION_H_
#define CPUAGG_ACCT_ROTATION_RECOGNITION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "acct/rotation/cursor.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/rotation.h"

namespace cpuagg::acct {

// What is known about each of `generations`: the input of PlanReading(). Aborted if one of them was
// replaced meanwhile.
absl::StatusOr<std::vector<KnownGeneration>> Recognise(const std::vector<Generation>& generations,
                                                       const std::vector<Cursor>& cursors);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_RECOGNITION_H_
