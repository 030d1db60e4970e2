// What root makes in the store of another user is that user's: as root's own it would lock the user
// out, whose next run could neither read it nor take the lock.

#ifndef CPUAGG_AGGREGATE_STORE_OWNER_H_
#define CPUAGG_AGGREGATE_STORE_OWNER_H_

#include <string>

#include "absl/status/status.h"

namespace cpuagg::aggregate {

// Gives the open file or directory `fd`, called `path`, to the owner and the group of `directory`,
// if the caller is root, `fd` is root's and `directory` is not. OK also where the file system or a
// container knows no such change of owner.
absl::Status GiveToOwnerOf(const std::string& directory, int fd, const std::string& path);

// Makes the directory `path` (0750) if it is not there; the one it is in has to be. Root gives it
// to the owner of that one, also if it was there. A link to a directory elsewhere stays as it is.
absl::Status MakeDirectoryOfStore(const std::string& path);

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_STORE_OWNER_H_
