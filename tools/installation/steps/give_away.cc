#include "tools/installation/steps/give_away.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/io/file.h"

namespace cpuagg::tools {
namespace {

class Giver {
 public:
  Giver(uid_t user, gid_t group) : user_(user), group_(group) {}

  // Gives away the content of the open folder and the folder itself, and closes it.
  absl::Status Give(int folder, const std::string& path) {
    absl::Status status = GiveContent(folder, path);
    if (status.ok()) status = GiveOpened(folder, path, /*is_file=*/false);
    close(folder);
    return status;
  }

  size_t given() const { return given_; }

 private:
  // Uses the descriptor, because the name may lead elsewhere by now.
  absl::Status GiveOpened(int fd, const std::string& path, bool is_file) {
    struct stat info;
    if (fstat(fd, &info) != 0) return acct::ErrnoStatus(errno, path, "look at");
    if (info.st_uid != 0 || user_ == 0 || (is_file && info.st_nlink != 1)) return absl::OkStatus();
    if (fchown(fd, user_, group_) != 0) return acct::ErrnoStatus(errno, path, "give away");
    ++given_;
    return absl::OkStatus();
  }

  absl::Status GiveContent(int folder, const std::string& path) {
    const int copy = dup(folder);
    DIR* const listing = copy < 0 ? nullptr : fdopendir(copy);
    if (listing == nullptr) {
      const int error = errno;
      if (copy >= 0) close(copy);
      return acct::ErrnoStatus(error, path, "list");
    }
    absl::Status status = absl::OkStatus();
    while (status.ok()) {
      const dirent* const entry = readdir(listing);
      if (entry == nullptr) break;
      const absl::string_view name = entry->d_name;
      if (name != "." && name != "..") status = GiveEntry(folder, entry->d_name, path);
    }
    closedir(listing);
    return status;
  }

  absl::Status GiveEntry(int folder, const char* name, const std::string& path) {
    const std::string entry = absl::StrCat(path, "/", name);
    const int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    // A link, or removed meanwhile.
    if (fd < 0) {
      return errno == ELOOP || errno == ENOENT || errno == ENXIO
                 ? absl::OkStatus()
                 : acct::ErrnoStatus(errno, entry, "open");
    }
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) return Give(fd, entry);
    absl::Status status = GiveOpened(fd, entry, /*is_file=*/true);
    close(fd);
    return status;
  }

  const uid_t user_;
  const gid_t group_;
  size_t given_ = 0;
};

}  // namespace

absl::StatusOr<size_t> GiveAway(const std::string& path, uid_t user, gid_t group) {
  int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0 && (errno == ELOOP || errno == ENOTDIR)) {
    folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat info;
    if (folder >= 0 && (fstat(folder, &info) != 0 || info.st_uid != user)) {
      close(folder);
      return absl::FailedPreconditionError(
          absl::StrCat(path, ": is a link to a folder that belongs to user ", info.st_uid));
    }
  }
  if (folder < 0) return acct::ErrnoStatus(errno, path, "open");
  Giver giver(user, group);
  if (absl::Status status = giver.Give(folder, path); !status.ok()) return status;
  return giver.given();
}

}  // namespace cpuagg::tools
