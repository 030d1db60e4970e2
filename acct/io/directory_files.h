// Lists, checks and cleans directories. Errors name the directory.

#ifndef CPUAGG_ACCT_IO_DIRECTORY_FILES_H_
#define CPUAGG_ACCT_IO_DIRECTORY_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/io/atomic_file.h"

namespace cpuagg::acct {

// The names of all entries of `directory`, sorted. Empty if the directory does not exist. Unlike a
// loop over std::filesystem::directory_iterator, this does not throw if reading fails after the
// first entry.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& directory);

// FailedPrecondition if anybody but its owner and root may write to `directory`: they could forge,
// hide or remove files in it. OK if it does not exist.
absl::Status CheckWriters(const std::string& directory);

// Removes the unfinished files that a crash left in `directory`. Nobody else may be writing there.
// Files that cannot be removed stay.
absl::Status RemoveUnfinishedFiles(const std::string& directory, FileSystem& changes);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_DIRECTORY_FILES_H_
