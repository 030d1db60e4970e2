#include "aggregate/store_owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/cleanup/cleanup.h"
#include "acct/file.h"

namespace cpuagg::aggregate {

absl::Status GiveToOwnerOf(const std::string& directory, int fd, const std::string& path) {
  if (geteuid() != 0) return absl::OkStatus();
  struct stat of_directory, of_file;
  if (stat(directory.c_str(), &of_directory) != 0) {
    return acct::ErrnoStatus(errno, directory, "stat");
  }
  if (fstat(fd, &of_file) != 0) return acct::ErrnoStatus(errno, path, "stat");
  // What is a third user's is not root's to give.
  if (of_directory.st_uid == 0 || of_file.st_uid != 0) return absl::OkStatus();
  if (fchown(fd, of_directory.st_uid, of_directory.st_gid) == 0) return absl::OkStatus();
  // A container that does not know the user, a file system without owners, root of another machine.
  if (errno == EPERM || errno == EINVAL || errno == EOPNOTSUPP) return absl::OkStatus();
  return acct::ErrnoStatus(errno, path, "change the owner of");
}

absl::Status MakeDirectoryOfStore(const std::string& path) {
  if (mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) {
    return acct::ErrnoStatus(errno, path, "create the directory");
  }
  if (geteuid() != 0) return absl::OkStatus();
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  // A link, or something else that whoever uses it will name.
  if (fd < 0) return absl::OkStatus();
  const absl::Cleanup close_directory = [fd] { close(fd); };
  return GiveToOwnerOf(std::filesystem::path(path).parent_path().string(), fd, path);
}

}  // namespace cpuagg::aggregate
