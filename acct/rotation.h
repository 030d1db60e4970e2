// The generations of an accounting file: the file itself and what rotation made of its
// predecessors.
//
// Knows the scheme `pacct`, `pacct.0`: Debian's savelog renames first and restarts accounting
// afterwards, so pacct.0 still grows for a while.

#ifndef CPUAGG_ACCT_ROTATION_H_
#define CPUAGG_ACCT_ROTATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/cursor.h"
#include "acct/file.h"
#include "acct/read_plan.h"

namespace cpuagg::acct {

// A generation that is open, so that its inode is its own, with the length it had when all newer
// ones were open already. Since a file only grows until its successor takes over, nothing was
// written to it later if its successor has content.
struct OpenGeneration {
  File file;
  uint64_t size = 0;
  uint64_t device = 0;
  uint64_t inode = 0;
};

// The generations of `path` that exist, newest first, each of them once even while a rotation is
// under way. NotFound if there is none, Unavailable if rotation does not leave off.
absl::StatusOr<std::vector<OpenGeneration>> OpenGenerations(const std::string& path);

// Which of `generations` continues which of `cursors`, by content and, where content leaves a
// choice, by inode. The input of PlanReading().
absl::StatusOr<std::vector<KnownGeneration>> Recognise(
    const std::vector<OpenGeneration>& generations, const std::vector<Cursor>& cursors);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_H_
