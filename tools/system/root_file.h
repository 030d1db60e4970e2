// Files of the system that setup writes, as root.

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

// Replaces the file at `path`, or that to which a symbolic link there leads, in one step by one
// with this content that belongs to whom it should from the beginning. The access list of one that
// is there stays. FailedPrecondition if a link leads nowhere.
absl::Status WriteRootFile(const std::string& path, absl::string_view content,
                           const Ownership& ownership);

// That of the file at `path`; nullopt if there is none.
std::optional<Ownership> OwnershipOf(const std::string& path);

// Whether the file at `path` is there and nobody but root may do anything with it.
bool IsRootsAlone(const std::string& path);

// Makes the directory at `path`, and those above it as 0755 of root, unless it is there.
absl::Status MakeRootDirectory(const std::string& path, const Ownership& ownership);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_SYSTEM_ROOT_FILE_H_
