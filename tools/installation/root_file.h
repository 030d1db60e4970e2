// Files of the system that setup writes, as root.

#ifndef CPUAGG_TOOLS_INSTALLATION_ROOT_FILE_H_
#define CPUAGG_TOOLS_INSTALLATION_ROOT_FILE_H_

#include <sys/types.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace cpuagg::tools {

struct Ownership {
  uid_t user = 0;
  gid_t group = 0;
  mode_t mode = 0600;
};

// Replaces the file at `path`, or that to which a symbolic link there leads, in one step by one
// with this content that belongs to whom it should from the beginning.
absl::Status WriteRootFile(const std::string& path, absl::string_view content,
                           const Ownership& ownership);

// Whether the file at `path` is there and is owned so.
bool IsOwnedSo(const std::string& path, const Ownership& ownership);

// Makes the directory at `path`, and those above it as 0755 of root, unless it is there.
absl::Status MakeRootDirectory(const std::string& path, const Ownership& ownership);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_ROOT_FILE_H_
