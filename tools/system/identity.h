// Identity: as whom something runs, and what it may do then.
//
// A user directory (LDAP, sssd) may hang. It is waited for two seconds, once in the process: from
// then on everybody is a number.

#ifndef CPUAGG_TOOLS_SYSTEM_IDENTITY_H_
#define CPUAGG_TOOLS_SYSTEM_IDENTITY_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace cpuagg::tools::check {

struct Identity {
  std::string name;  // "cpuagg"
  uid_t user = 0;
  std::vector<gid_t> groups = {0};  // the first one is its own
};

// This process, by its effective user.
Identity Myself();

// The account called `name`, with `more_groups` besides those that it is a member of. NotFound if
// there is none; DeadlineExceeded if the user directory does not answer.
absl::StatusOr<Identity> AccountNamed(const std::string& name,
                                      const std::vector<std::string>& more_groups);

// Who an id is, for people: its number if it has no name.
std::string UserText(uid_t user);
std::string GroupText(gid_t group);

// "cpuagg:cpuagg", for chown, which takes a number without a group for a mistake.
std::string OwnerSpec(uid_t user, gid_t group);

// The command that makes this user a member of the group that may do `mode` (R_OK, X_OK) at `path`;
// empty where that is not to be had: for root, where the group is root's or may not either, and
// where it or the user has no name.
std::string JoiningGroupOf(const std::string& path, int mode);

// Whether `who` may do `mode` (access(2)) at `path`: asked of the kernel, by a process that becomes
// `who` and does nothing else, so that access lists and the directories on the way count as well.
// FailedPrecondition if it may not, NotFound if it is not there; PermissionDenied if this process
// may not ask for somebody else, so that nobody knows.
absl::Status MayAccess(const Identity& who, const std::string& path, int mode);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_IDENTITY_H_
