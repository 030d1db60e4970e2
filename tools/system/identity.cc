#include "tools/system/identity.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "acct/io/file.h"
#include "acct/io/start_thread.h"

namespace cpuagg::tools::check {
namespace {

constexpr size_t kRoomOfEntry = size_t{1} << 16;

// The exit status of the process that should become `who` but could not.
constexpr int kCannotBecome = 255;

// Whether the user directory has once not answered; then this process does not wait for it again.
std::atomic<bool>& IsDirectoryDead() {
  static std::atomic<bool> is_dead = false;
  return is_dead;
}

// The result of `ask`, which asks the user directory; nullopt if it takes longer than 2 s. Its
// thread is then abandoned, so it must not use anything of the caller's.
template <typename Answer>
std::optional<Answer> AskDirectory(std::function<Answer()> ask) {
  constexpr absl::Duration kPatience = absl::Seconds(2);
  if (IsDirectoryDead()) return std::nullopt;
  struct Asked {
    std::optional<Answer> answer;
    absl::Notification is_done;
  };
  const auto asked = std::make_shared<Asked>();
  const auto work = [asked, ask = std::move(ask)] {
    asked->answer = ask();
    asked->is_done.Notify();
  };
  std::thread thread = acct::StartThread(work);
  if (thread.joinable()) {
    thread.detach();
  } else {
    work();
  }
  if (!asked->is_done.WaitForNotificationWithTimeout(kPatience)) {
    IsDirectoryDead() = true;
    return std::nullopt;
  }
  return std::move(asked->answer);
}

absl::StatusOr<Identity> LookUpAccount(const std::string& name,
                                       const std::vector<std::string>& more_groups) {
  passwd entry;
  passwd* found = nullptr;
  std::vector<char> room(kRoomOfEntry);
  if (const int error = getpwnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
      error != 0) {
    return acct::ErrnoStatus(error, name, "look up the account");
  }
  if (found == nullptr) {
    return absl::NotFoundError(absl::StrCat("there is no account called ", name));
  }
  Identity who = {.name = name, .user = entry.pw_uid, .groups = {}};
  int count = 1024;
  who.groups.resize(static_cast<size_t>(count));
  if (getgrouplist(name.c_str(), entry.pw_gid, who.groups.data(), &count) < 0) count = 1024;
  who.groups.resize(static_cast<size_t>(count));
  for (const std::string& group : more_groups) {
    struct group group_entry;
    struct group* found_group = nullptr;
    if (getgrnam_r(group.c_str(), &group_entry, room.data(), room.size(), &found_group) == 0 &&
        found_group != nullptr) {
      who.groups.push_back(group_entry.gr_gid);
    }
  }
  return who;
}

}  // namespace

Identity Myself() {
  Identity me = {.name = UserText(geteuid()), .user = geteuid(), .groups = {getegid()}};
  std::vector<gid_t> groups(static_cast<size_t>(std::max(0, getgroups(0, nullptr))));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  for (int i = 0; i < count; ++i) me.groups.push_back(groups[static_cast<size_t>(i)]);
  return me;
}

absl::StatusOr<Identity> AccountNamed(const std::string& name,
                                      const std::vector<std::string>& more_groups) {
  std::optional<absl::StatusOr<Identity>> answer = AskDirectory<absl::StatusOr<Identity>>(
      [name, more_groups] { return LookUpAccount(name, more_groups); });
  if (answer.has_value()) return *std::move(answer);
  return absl::DeadlineExceededError(absl::StrCat("the user directory does not answer for ", name));
}

std::string UserText(uid_t user) {
  const std::string number = absl::StrCat(user);
  return AskDirectory<std::string>([user, number] {
           passwd entry;
           passwd* found = nullptr;
           std::vector<char> room(kRoomOfEntry);
           const int error = getpwuid_r(user, &entry, room.data(), room.size(), &found);
           return error == 0 && found != nullptr ? std::string(entry.pw_name) : number;
         })
      .value_or(number);
}

std::string GroupText(gid_t group) {
  const std::string number = absl::StrCat(group);
  return AskDirectory<std::string>([group, number] {
           struct group entry;
           struct group* found = nullptr;
           std::vector<char> room(kRoomOfEntry);
           const int error = getgrgid_r(group, &entry, room.data(), room.size(), &found);
           return error == 0 && found != nullptr ? std::string(entry.gr_name) : number;
         })
      .value_or(number);
}

std::string OwnerSpec(uid_t user, gid_t group) {
  return absl::StrCat(UserText(user), ":", GroupText(group));
}

std::string JoiningGroupOf(const std::string& path, int mode) {
  struct stat info;
  std::filesystem::path asked = path;
  // If a directory above may not be entered, that directory is the obstacle.
  while (stat(asked.c_str(), &info) != 0) {
    if (errno != EACCES || !asked.has_parent_path()) return "";
    asked = asked.parent_path();
    mode = X_OK;
  }
  if (geteuid() == 0 || info.st_gid == 0) return "";
  // The bits of access(2) are those of a mode for others.
  if ((info.st_mode >> 3 & static_cast<mode_t>(mode)) != static_cast<mode_t>(mode)) return "";
  const Identity me = Myself();
  const std::string group = GroupText(info.st_gid);
  if (std::find(me.groups.begin(), me.groups.end(), info.st_gid) != me.groups.end() ||
      group == absl::StrCat(info.st_gid) || me.name == absl::StrCat(me.user)) {
    return "";
  }
  return absl::StrCat("sudo usermod -aG ", group, " ", me.name, "  # and log in again");
}

absl::Status MayAccess(const Identity& who, const std::string& path, int mode) {
  const bool is_me = who.user == geteuid();
  if (is_me) {
    if (faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) return absl::OkStatus();
    return acct::ErrnoStatus(errno, path, "be used");
  }
  if (geteuid() != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": only root can find out what ", who.name, " may do with it"));
  }
  const char* const c_path = path.c_str();
  const size_t group_count = who.groups.size();
  const gid_t* const groups = who.groups.data();
  const pid_t child = fork();
  if (child == 0) {
    // Only system calls, because other threads may hold locks of the library. The library's own
    // setuid() would wait for threads that do not exist here.
    const uid_t user = who.user;
    if (syscall(SYS_setgroups, group_count, groups) != 0 ||
        syscall(SYS_setresgid, groups[0], groups[0], groups[0]) != 0 ||
        syscall(SYS_setresuid, user, user, user) != 0) {
      _exit(kCannotBecome);
    }
    _exit(syscall(SYS_faccessat, AT_FDCWD, c_path, mode) == 0 ? 0 : errno);
  }
  if (child < 0) return acct::ErrnoStatus(errno, path, "make a process to look at");
  int status = 0;
  pid_t ended;
  while ((ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
  }
  if (ended != child || !WIFEXITED(status) || WEXITSTATUS(status) == kCannotBecome) {
    return absl::PermissionDeniedError(
        absl::StrCat(path, ": what ", who.name, " may do with it cannot be found out here"));
  }
  if (WEXITSTATUS(status) == 0) return absl::OkStatus();
  return acct::ErrnoStatus(WEXITSTATUS(status), path, absl::StrCat("be used by ", who.name));
}

}  // namespace cpuagg::tools::check
