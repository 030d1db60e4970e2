// GiveAway: gives a folder that root's runs have created to the user who is to write there.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_GIVE_AWAY_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_GIVE_AWAY_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::tools {

// Makes `user` and `group` the owners of the folder at `path` and of everything in it that belongs
// to root. Returns the number of changed entries. Somebody who can write there meanwhile gains
// nothing: links inside are not followed, and files with several hard links are not changed. If
// `path` itself is a link, the folder must already belong to `user`. Otherwise FailedPrecondition,
// and nothing is changed: whoever can change the link could have any of root's files given away.
absl::StatusOr<size_t> GiveAway(const std::string& path, uid_t user, gid_t group);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_GIVE_AWAY_H_
