// Reads the files that control cpuagg, often as root: the configuration, and files with the bot's
// token. Whoever can change or replace such a file controls what cpuagg does with root's rights.

#ifndef CPUAGG_TOOLS_CONFIG_SETTINGS_FILE_H_
#define CPUAGG_TOOLS_CONFIG_SETTINGS_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::tools {

// Larger files are refused; no real file is larger.
inline constexpr uint64_t kMostSettingsBytes = uint64_t{1} << 20;

struct SettingsFile {
  std::string text;
  // Everybody on this machine can read the file, or access it otherwise.
  bool is_open_to_everybody = false;
};

enum class Whose {
  kOfRootOrCaller,  // for a file that was named
  // For a file that was found in the current directory. The directory must not be one in which
  // everybody may create files, such as /tmp.
  kOfCaller,
};

// Reads the file at `path` to its end.
//
// PermissionDenied, with the command that fixes it, unless the file belongs to root or to the
// caller (the effective user) and nobody else can write to it, to its directory, or to any other
// directory on the path, including those of symbolic links. Two exceptions: a group may write if
// its number is the owner's, since it is the owner's own group. And in a directory with the sticky
// bit everybody may create files, because they cannot replace those of others.
//
// Standard input (/dev/stdin, "-"), other open descriptors (/dev/fd/63) and devices are read
// without these checks.
//
// NotFound if it does not exist, FailedPrecondition if it may not be read, InvalidArgument if it is
// a directory, a named pipe, or larger than 1 MiB.
absl::StatusOr<SettingsFile> ReadSettingsFile(const std::string& path,
                                              Whose whose = Whose::kOfRootOrCaller);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_SETTINGS_FILE_H_
