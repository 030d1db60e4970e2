// AsStoreOwner: root works in another user's store with that user's rights. The files that root
// creates there then belong to the user, who would otherwise be locked out. A link that the user
// put there cannot lead root to a place that the user may not access.

#ifndef CPUAGG_ACCT_IO_STORE_OWNER_H_
#define CPUAGG_ACCT_IO_STORE_OWNER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace cpuagg::acct {

// While this object exists, the calling thread accesses the file system with the rights of the
// owner and the group of `directory`, and no others (setfsuid(2)). Nothing changes if the caller is
// not root, if the directory belongs to root, or if it does not exist.
class AsStoreOwner {
 public:
  explicit AsStoreOwner(const std::string& directory);
  ~AsStoreOwner();
  AsStoreOwner(const AsStoreOwner&) = delete;
  AsStoreOwner& operator=(const AsStoreOwner&) = delete;

 private:
  struct Rights {
    std::vector<gid_t> groups;
    uid_t user = 0;
    gid_t group = 0;
  };
  static void Take(const Rights& rights);

  std::optional<Rights> before_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_IO_STORE_OWNER_H_
