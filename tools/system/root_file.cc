#include "tools/system/root_file.h"

#include <linux/limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/io/atomic_file.h"
#include "acct/io/file.h"

namespace cpuagg::tools {
namespace {

// Copies the access list of the file at `path`, if there is one (acl(5)).
bool CopyAccessList(const std::string& path, int fd) {
  constexpr char kAccessList[] = "system.posix_acl_access";
  std::array<char, XATTR_SIZE_MAX> list;
  const ssize_t size = getxattr(path.c_str(), kAccessList, list.data(), list.size());
  return size <= 0 || fsetxattr(fd, kAccessList, list.data(), static_cast<size_t>(size), 0) == 0;
}

// The system's calls, for a file that belongs to another user.
class OwnedFileSystem : public acct::FileSystem {
 public:
  explicit OwnedFileSystem(const Ownership& ownership) : ownership_(ownership) {}

  absl::StatusOr<int> Create(const std::string& path, std::string& temporary,
                             mode_t mode) override {
    absl::StatusOr<int> fd = FileSystem::Create(path, temporary, mode);
    if (!fd.ok()) return fd;
    // The mode comes last, because the access list changes it.
    if (fchown(*fd, ownership_.user, ownership_.group) == 0 && CopyAccessList(path, *fd) &&
        fchmod(*fd, mode) == 0) {
      return fd;
    }
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
    target = std::filesystem::canonical(path, error).string();
    // The target may be on a disk that is not mounted. The link is not replaced.
    if (error) {
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": is a link to ", std::filesystem::read_symlink(path, error).string(),
                       ", which is not there: mount or make what it leads to, or remove the link"));
    }
  }
  OwnedFileSystem changes(ownership);
  return acct::WriteFileAtomically(target, content, ownership.mode, changes);
}

std::optional<Ownership> OwnershipOf(const std::string& path) {
  struct stat info;
  constexpr mode_t kPermissions = 07777;
  if (stat(path.c_str(), &info) != 0) return std::nullopt;
  return Ownership{.user = info.st_uid, .group = info.st_gid, .mode = info.st_mode & kPermissions};
}

bool IsRootsAlone(const std::string& path) {
  const std::optional<Ownership> found = OwnershipOf(path);
  return found.has_value() && found->user == 0 && (found->mode & 077) == 0;
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
  // Sets the exact mode, independent of the umask.
  if (chmod(path.c_str(), ownership.mode) != 0 ||
      chown(path.c_str(), ownership.user, ownership.group) != 0) {
    return acct::ErrnoStatus(errno, path, "set the owner of");
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
