// Identity: the user and groups that something runs as, and what they may do.
//
// A user directory (LDAP, sssd) may hang. A process waits for it two seconds, once: after that it
// shows all users as numbers.

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
  std::vector<gid_t> groups = {0};  // the primary group first
};

// The effective user of this process.
Identity Myself();

// The account `name`, with `more_groups` in addition to its own groups. NotFound if there is no
// such account; DeadlineExceeded if the user directory does not answer.
absl::StatusOr<Identity> AccountNamed(const std::string& name,
                                      const std::vector<std::string>& more_groups);

// The name of an id, for people; its number if it has no name.
std::string UserText(uid_t user);
std::string GroupText(gid_t group);

// "cpuagg:cpuagg", for chown, which rejects a number without a group.
std::string OwnerSpec(uid_t user, gid_t group);

// The command that makes this user a member of the group that may access `path` with `mode` (R_OK,
// X_OK). Empty if there is no such command: for root, if the group is root's or may not access it
// either, or if the group or the user has no name.
std::string JoiningGroupOf(const std::string& path, int mode);

// Whether `who` may access `path` with `mode` (access(2)). Asks the kernel, in a process that
// becomes `who` and does nothing else, so that access lists and the directories on the path count
// too. FailedPrecondition if access is denied, NotFound if `path` does not exist. PermissionDenied
// if this process may not become `who`, so that the answer is unknown.
absl::Status MayAccess(const Identity& who, const std::string& path, int mode);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_SYSTEM_IDENTITY_H_
