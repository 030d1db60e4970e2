// Gives a folder that root's runs have made to the user who is to write there.

#ifndef CPUAGG_TOOLS_INSTALLATION_STEPS_GIVE_AWAY_H_
#define CPUAGG_TOOLS_INSTALLATION_STEPS_GIVE_AWAY_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace cpuagg::tools {

// Makes `user` and `group` the owners of what root has in the folder at `path`, and of itself;
// returns how many that were. Whoever can write there meanwhile gains nothing by it: links are not
// followed on the way, and files with several names are left alone. If `path` itself is a link, the
// folder it leads to is `user`'s already, or it is FailedPrecondition and nothing is given: who can
// change where the link leads could have anything of root's given away.
absl::StatusOr<size_t> GiveAway(const std::string& path, uid_t user, gid_t group);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_STEPS_GIVE_AWAY_H_
