// Files that are there whole or not at all, also after a crash.

#ifndef CPUAGG_AGGREGATE_ATOMIC_FILE_H_
#define CPUAGG_AGGREGATE_ATOMIC_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace cpuagg::aggregate {

// What the name of an unfinished file begins with; such files are left behind by a crash only.
inline constexpr absl::string_view kUnfinishedPrefix = ".unfinished-";

// Replaces the file at `path` by one with this content and mode: a temporary file in the same
// directory is written, synced and renamed, and the directory synced. After an error `path` is as
// it was. The status names the path.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view content, mode_t mode);

// The content of the regular file at `path`, as WriteFileAtomically() left it. DataLoss beyond 2
// GiB, which protobuf could not hold and no file of ours has.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_ATOMIC_FILE_H_
