// Writes system files as root, for setup.

#ifndef CPUAGG_TOOLS_SYSTEM_ROOT_FILE_H_
#define CPUAGG_TOOLS_SYSTEM_ROOT_FILE_H_

#include <sys/types.h>

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

struct Ownership {
  uid_t user = 0;
  gid_t group = 0;
  mode_t mode = 0600;

  friend bool operator==(const Ownership&, const Ownership&) = default;
};

// Atomically replaces the file at `path`, or the target of a symbolic link there, by one with this
// content, which has its final owner and mode from the beginning. Keeps the access list of an
// existing file. FailedPrecondition if a link leads nowhere.
absl::Status WriteRootFile(const std::string& path, absl::string_view content,
                           const Ownership& ownership);

// The ownership of the file at `path`; nullopt if it does not exist.
std::optional<Ownership> OwnershipOf(const std::string& path);

// Whether the file at `path` exists and only root may access it.
bool IsRootsAlone(const std::string& path);

// Creates the directory at `path`, and missing directories above it with mode 0755 for root. Does
// nothing if it exists.
absl::Status MakeRootDirectory(const std::string& path, const Ownership& ownership);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SYSTEM_ROOT_FILE_H_
