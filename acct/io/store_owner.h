// Root works in the store of another user with that user's rights: what it makes there is the
// user's, whom it would lock out otherwise, and a link that the user has put there leads it nowhere
// where the user may not go.

#ifndef CPUAGG_ACCT_IO_STORE_OWNER_H_
#define CPUAGG_ACCT_IO_STORE_OWNER_H_

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace cpuagg::acct {

// While it lives, this thread has the rights of the owner and the group of `directory`, and no
// others, in the file system (setfsuid(2)). Nothing changes for who is not root, for a directory of
// root's, and for one that is not there.
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
