#include "acct/io/store_owner.h"

#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace cpuagg::acct {

AsStoreOwner::AsStoreOwner(const std::string& directory) {
  // setfsuid(-1) changes nothing and returns the current user. If that is not root, an outer
  // AsStoreOwner has already changed it.
  constexpr auto kNobody = static_cast<uid_t>(-1);
  if (geteuid() != 0 || setfsuid(kNobody) != 0) return;
  struct stat info;
  if (stat(directory.c_str(), &info) != 0 || info.st_uid == 0) return;
  Rights before = {.user = geteuid(), .group = getegid()};
  const int groups = getgroups(0, nullptr);
  before.groups.resize(groups > 0 ? static_cast<size_t>(groups) : 0);
  if (groups < 0 || getgroups(groups, before.groups.data()) != groups) return;
  before_ = std::move(before);
  Take({.user = info.st_uid, .group = info.st_gid});
}

AsStoreOwner::~AsStoreOwner() {
  if (before_.has_value()) Take(*before_);
}

void AsStoreOwner::Take(const Rights& rights) {
  // The kernel resets the dumpable attribute when rights change (fs.suid_dumpable); it is restored
  // below.
  const int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  // The system call changes only this thread; glibc's setgroups() would change all threads. It
  // fails in a container without the capability, where the user's groups are the same as root's.
  (void)syscall(SYS_setgroups, rights.groups.size(), rights.groups.data());
  setfsgid(rights.group);
  // This also removes or restores root's capabilities to bypass file modes: capabilities(7).
  setfsuid(rights.user);
  prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
}

}  // namespace cpuagg::acct
