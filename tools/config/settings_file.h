// Files that cpuagg obeys, often as root: the configuration, and files that hold the bot's token.
// Whoever can write one of them, or put another one in its place, could do with root's power what
// it says.

#ifndef CPUAGG_TOOLS_CONFIG_SETTINGS_FILE_H_
#define CPUAGG_TOOLS_CONFIG_SETTINGS_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::tools {

// A larger one is refused: none is.
inline constexpr uint64_t kMostSettingsBytes = uint64_t{1} << 20;

struct SettingsFile {
  std::string text;
  // Everybody on this machine can read it, or do something else with it.
  bool is_open_to_everybody = false;
};

enum class Whose {
  kOfRootOrCaller,  // for a file that was named
  // For one that just lies where the program was started: not even in a directory in which
  // everybody may make files, such as /tmp.
  kOfCaller,
};

// Reads the file at `path` to its end. PermissionDenied, with the command that mends it, unless it
// belongs to root or to the caller (the effective user) and nobody else can write to it, to its
// directory, or to any other on the way there, over symbolic links as well. A group may, if its
// number is the owner's: that is the owner's own. In a directory with the sticky bit everybody may
// make files, but not replace those of others, which is enough. Standard input (/dev/stdin, "-")
// and other open descriptors (/dev/fd/63) are the caller's own and are read as they are; so are
// devices. NotFound, and FailedPrecondition if it may not be read; InvalidArgument if it is a
// directory, a named pipe, or larger than 1 MiB.
absl::StatusOr<SettingsFile> ReadSettingsFile(const std::string& path,
                                              Whose whose = Whose::kOfRootOrCaller);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_CONFIG_SETTINGS_FILE_H_
