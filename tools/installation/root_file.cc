#include "tools/installation/root_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/status/statusor.h"
#include "acct/file.h"
#include "aggregate/atomic_file.h"

namespace cpuagg::tools {
namespace {

// Those of the system, for a file that is somebody else's.
class OwnedFileChanges : public aggregate::FileChanges {
 public:
  explicit OwnedFileChanges(const Ownership& ownership) : ownership_(ownership) {}

  absl::StatusOr<int> Create(const std::string& path, std::string& temporary,
                             mode_t mode) override {
    absl::StatusOr<int> fd = FileChanges::Create(path, temporary, mode);
    if (!fd.ok() || fchown(*fd, ownership_.user, ownership_.group) == 0) return fd;
    const int error = errno;
    close(*fd);
    unlink(temporary.c_str());
    return acct::ErrnoStatus(error, path, "set the owner of");
  }

 private:
  const Ownership ownership_;
};

}  // namespace

absl::Status WriteRootFile(const std::string& path, absl::string_view content,
                           const Ownership& ownership) {
  std::error_code error;
  std::string target = path;
  if (std::filesystem::is_symlink(path, error)) {
    target = std::filesystem::weakly_canonical(path, error).string();
    if (error) return acct::ErrnoStatus(error.value(), path, "follow");
  }
  OwnedFileChanges changes(ownership);
  return aggregate::WriteFileAtomically(target, content, ownership.mode, changes);
}

bool IsOwnedSo(const std::string& path, const Ownership& ownership) {
  struct stat info;
  constexpr mode_t kPermissions = 07777;
  return stat(path.c_str(), &info) == 0 && info.st_uid == ownership.user &&
         info.st_gid == ownership.group && (info.st_mode & kPermissions) == ownership.mode;
}

absl::Status MakeRootDirectory(const std::string& path, const Ownership& ownership) {
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return absl::OkStatus();
  const std::string parent = std::filesystem::path(path).parent_path();
  if (!parent.empty() && parent != path) {
    if (absl::Status status = MakeRootDirectory(parent, {.mode = 0755}); !status.ok()) {
      return status;
    }
  }
  if (mkdir(path.c_str(), ownership.mode) != 0 && errno != EEXIST) {
    return acct::ErrnoStatus(errno, path, "make the directory");
  }
  // Not what the umask has left of it.
  if (chmod(path.c_str(), ownership.mode) != 0 ||
      chown(path.c_str(), ownership.user, ownership.group) != 0) {
    return acct::ErrnoStatus(errno, path, "set the owner of");
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
