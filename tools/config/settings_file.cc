#include "tools/config/settings_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "acct/io/file.h"
#include "acct/io/shell_word.h"

namespace cpuagg::tools {
namespace {

bool IsOfRootOrCaller(uid_t user) { return user == 0 || user == geteuid(); }

// The owner's own group does not count: by convention it has the owner's number.
bool IsWritableByOthers(const struct stat& info) {
  const bool is_shared_group = info.st_gid != info.st_uid;
  return (info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && is_shared_group);
}

std::string CallerName() { return geteuid() == 0 ? "root" : absl::StrCat(geteuid()); }

absl::Status CheckFile(const std::string& path, const struct stat& info, Whose whose) {
  const bool is_safe =
      whose == Whose::kOfCaller ? info.st_uid == geteuid() : IsOfRootOrCaller(info.st_uid);
  if (!is_safe && whose == Whose::kOfCaller) {
    // Does not suggest a command that would make another user's file the caller's own.
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": belongs to user ", info.st_uid, " and not to you"));
  }
  if (!is_safe) {
    return absl::PermissionDeniedError(absl::StrCat(path, ": belongs to user ", info.st_uid,
                                                    ", not to root and not to you; run "
                                                    "chown ",
                                                    CallerName(), " ", acct::ShellWord(path)));
  }
  if (IsWritableByOthers(info)) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": can be written by others; run chmod go-w ", acct::ShellWord(path)));
  }
  return absl::OkStatus();
}

// Follows a path like the kernel, and checks each directory on the way.
class Walk {
 public:
  Walk(std::string path, Whose whose) : path_(std::move(path)), whose_(whose) {}

  // The status of the file at the end of the path, whether it is safe or not.
  absl::StatusOr<struct stat> Follow() {
    std::string from_root = path_;
    if (path_[0] != '/') {
      std::error_code error;
      from_root = absl::StrCat(std::filesystem::current_path(error).string(), "/", path_);
      if (error) return acct::ErrnoStatus(error.value(), path_, "open");
    }
    if (absl::Status status = BeginAtRoot(); !status.ok()) return status;
    Insert(from_root);
    for (;;) {
      const std::string name = rest_.front();
      rest_.pop_front();
      const std::string entry = absl::StrCat(at_ == "/" ? "" : at_, "/", name);
      struct stat info;
      if (lstat(entry.c_str(), &info) != 0) return acct::ErrnoStatus(errno, path_, "open");
      if (everybody_makes_files_ && !IsOfRootOrCaller(info.st_uid)) {
        return absl::PermissionDeniedError(
            absl::StrCat(path_, ": ", entry, " belongs to user ", info.st_uid,
                         ", in a directory in which everybody may make files; run chown ",
                         CallerName(), " ", acct::ShellWord(entry)));
      }
      absl::Status status = absl::OkStatus();
      if (S_ISLNK(info.st_mode)) {
        status = FollowLink(entry);
      } else if (S_ISDIR(info.st_mode)) {
        status = Enter(entry, info);
      } else if (!rest_.empty()) {
        status = acct::ErrnoStatus(ENOTDIR, path_, "open");
      }
      if (!status.ok()) return status;
      if (rest_.empty()) return info;
    }
  }

 private:
  absl::Status BeginAtRoot() {
    struct stat info;
    if (stat("/", &info) != 0) return acct::ErrnoStatus(errno, "/", "stat");
    // Not user 0 if root itself is not in this user namespace.
    root_ = info.st_uid;
    return Enter("/", info);
  }

  // Inserts the names of `path` before the rest of the path.
  void Insert(absl::string_view path) {
    std::deque<std::string> names;
    for (const absl::string_view name : absl::StrSplit(path, '/', absl::SkipEmpty())) {
      if (name != ".") names.emplace_back(name);
    }
    // A path that ends in a directory still enters that directory.
    if (names.empty() && rest_.empty()) names.emplace_back(".");
    rest_.insert(rest_.begin(), names.begin(), names.end());
  }

  absl::Status FollowLink(const std::string& link) {
    constexpr int kMostLinks = 40;  // like the kernel
    if (++links_ > kMostLinks) return acct::ErrnoStatus(ELOOP, path_, "open");
    std::array<char, PATH_MAX> target;
    const ssize_t length = readlink(link.c_str(), target.data(), target.size());
    if (length < 0) return acct::ErrnoStatus(errno, path_, "open");
    const absl::string_view text(target.data(), static_cast<size_t>(length));
    if (text.empty()) return acct::ErrnoStatus(ENOENT, path_, "open");
    if (text[0] == '/') {
      if (absl::Status status = BeginAtRoot(); !status.ok()) return status;
    }
    Insert(text);
    return absl::OkStatus();
  }

  absl::Status Enter(const std::string& directory, const struct stat& info) {
    if (!IsOfRootOrCaller(info.st_uid) && info.st_uid != root_) {
      return absl::PermissionDeniedError(absl::StrCat(
          path_, ": user ", info.st_uid, " can put another file in its place, since ", directory,
          " is theirs",
          whose_ == Whose::kOfCaller ? ""
                                     : absl::StrCat("; move it, or run chown ", CallerName(), " ",
                                                    acct::ShellWord(directory))));
    }
    at_ = directory;
    everybody_makes_files_ = IsWritableByOthers(info);
    const bool is_sticky = (info.st_mode & S_ISVTX) != 0;
    // The last name, as far as is known yet.
    const bool is_own = whose_ == Whose::kOfCaller && rest_.size() == 1;
    if (everybody_makes_files_ && (!is_sticky || is_own)) {
      return absl::PermissionDeniedError(absl::StrCat(
          path_, ": others can put another file in its place, since they can write to ", directory,
          // Does not suggest changing a directory for everybody, such as /tmp.
          is_sticky ? "" : absl::StrCat("; run chmod go-w ", acct::ShellWord(directory))));
    }
    return absl::OkStatus();
  }

  const std::string path_;
  const Whose whose_;
  uid_t root_ = 0;
  std::string at_;                      // without links
  std::deque<std::string> rest_;        // the names still to be followed from there
  bool everybody_makes_files_ = false;  // everybody may create files in `at_`
  int links_ = 0;
};

// The number of the open descriptor that `path` names, if it names one.
std::optional<int> DescriptorOf(absl::string_view path) {
  if (path == "-" || path == "/dev/stdin") return STDIN_FILENO;
  int number;
  if (!absl::ConsumePrefix(&path, "/dev/fd/") && !absl::ConsumePrefix(&path, "/proc/self/fd/")) {
    return std::nullopt;
  }
  if (!absl::SimpleAtoi(path, &number) || number < 0) return std::nullopt;
  return number;
}

absl::StatusOr<std::string> ReadWhole(const acct::File& file) {
  absl::StatusOr<std::string> text = file.ReadToEnd(kMostSettingsBytes + 1);
  if (text.ok() && text->size() > kMostSettingsBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.path(), ": is larger than 1 MiB, so it is not such a file"));
  }
  return text;
}

}  // namespace

absl::StatusOr<SettingsFile> ReadSettingsFile(const std::string& path, Whose whose) {
  SettingsFile result;
  const std::optional<int> descriptor = DescriptorOf(path);
  struct stat found;
  if (!descriptor.has_value()) {
    absl::StatusOr<struct stat> walked = Walk(path, whose).Follow();
    if (!walked.ok()) return walked.status();
    found = *walked;
    if (S_ISDIR(found.st_mode)) {
      return absl::InvalidArgumentError(absl::StrCat(path, ": is a directory; name a file"));
    }
    if (S_ISFIFO(found.st_mode)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": is a named pipe, which may never end; name a file, or /dev/stdin"));
    }
    const bool is_device = S_ISCHR(found.st_mode) || S_ISBLK(found.st_mode);
    if (!is_device) {
      if (absl::Status status = CheckFile(path, found, whose); !status.ok()) return status;
      result.is_open_to_everybody = (found.st_mode & S_IRWXO) != 0;
    }
  }
  absl::StatusOr<acct::File> file = descriptor.has_value()
                                        ? acct::File::OfDescriptor(*descriptor, path)
                                        : acct::File::OpenForReading(path);
  if (!file.ok()) return file.status();
  if (!descriptor.has_value()) {
    const absl::StatusOr<struct stat> opened = file->Stat();
    if (!opened.ok()) return opened.status();
    if (opened->st_dev != found.st_dev || opened->st_ino != found.st_ino) {
      return absl::PermissionDeniedError(
          absl::StrCat(path, ": another file was put in its place meanwhile"));
    }
  }
  absl::StatusOr<std::string> text = ReadWhole(*file);
  if (!text.ok()) return text.status();
  result.text = *std::move(text);
  return result;
}

}  // namespace cpuagg::tools
