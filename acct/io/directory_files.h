// What is in a directory, with errors that name it.

#ifndef CPUAGG_ACCT_IO_DIRECTORY_FILES_H_
#define CPUAGG_ACCT_IO_DIRECTORY_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/io/atomic_file.h"

namespace cpuagg::acct {

// The names of what is in `directory`, in order: of all of it, or a status. None if the directory
// is not there. Unlike a loop over std::filesystem::directory_iterator, this does not throw if
// reading fails after the first entry.
absl::StatusOr<std::vector<std::string>> NamesIn(const std::string& directory);

// FailedPrecondition if others than its owner and root may write to `directory`, and so forge, hide
// or remove what is in it. OK if it is not there.
absl::Status CheckWriters(const std::string& directory);

// Removes the unfinished files that a crash left in `directory`. Nobody else may be writing there.
// A file that cannot be removed is left.
absl::Status RemoveUnfinishedFiles(const std::string& directory, FileSystem& changes);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_DIRECTORY_FILES_H_
