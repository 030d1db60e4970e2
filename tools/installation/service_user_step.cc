#include "tools/installation/service_user_step.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "acct/file.h"
#include "tools/installation/root_file.h"
#include "tools/installation/system_facts.h"
#include "tools/settings_file.h"

namespace cpuagg::tools {
namespace {

bool IsThere(const char* path) { return access(path, F_OK) == 0; }

absl::Status MakeUser(SetupContext& context) {
  if (IsThere("/usr/lib/sysusers.d/cpuagg.conf") &&
      context.Run("systemd-sysusers", {"cpuagg.conf"}).ok() && FindServiceUser().has_value()) {
    return absl::OkStatus();
  }
  const std::string no_shell = FindSystemProgram("nologin");
  std::vector<std::string> arguments = {"--system",
                                        "--user-group",
                                        "--home-dir",
                                        "/var/lib/cpuagg",
                                        "--no-create-home",
                                        "--shell",
                                        no_shell.empty() ? "/bin/false" : no_shell,
                                        "--comment",
                                        "CPU usage per user"};
  // Who is in it may read the accounting file of Debian.
  if (FindGroup("adm").has_value()) arguments.insert(arguments.end(), {"--groups", "adm"});
  arguments.emplace_back("cpuagg");
  return context.Run("useradd", arguments);
}

// Gives what root has in the tree to `owner`. Links are not followed.
absl::Status GiveAway(const std::string& path, const Account& owner) {
  const auto give = [&owner](const std::string& entry) {
    struct stat info;
    if (lstat(entry.c_str(), &info) != 0 || info.st_uid != 0) return true;
    return lchown(entry.c_str(), owner.user, owner.group) == 0;
  };
  std::error_code error;
  // The directory itself last: until then nobody else can put anything into it.
  for (std::filesystem::recursive_directory_iterator entry(path, error), end;
       !error && entry != end; entry.increment(error)) {
    if (!give(entry->path())) return acct::ErrnoStatus(errno, entry->path().string(), "give away");
  }
  if (error) return acct::ErrnoStatus(error.value(), path, "list");
  return give(path) ? absl::OkStatus() : acct::ErrnoStatus(errno, path, "give away");
}

absl::Status MakeStore(SetupContext& context, const Account& owner) {
  const std::string store = context.session.StoreDirectory();
  struct stat info;
  if (lstat(store.c_str(), &info) != 0) {
    if (absl::Status status =
            MakeRootDirectory(store, {.user = owner.user, .group = owner.group, .mode = 0750});
        !status.ok()) {
      return status;
    }
    context.dialogue.Done(absl::StrCat("made the store ", store));
    return absl::OkStatus();
  }
  if (info.st_uid == owner.user || !S_ISDIR(info.st_mode)) {
    context.dialogue.Done(absl::StrCat("the store ", store, " is there"));
    return absl::OkStatus();
  }
  if (info.st_uid != 0) {
    context.Leave(absl::StrCat(store, ": belongs to user ", info.st_uid,
                               ", and the services run as cpuagg; run chown -R cpuagg:cpuagg ",
                               store));
    return absl::OkStatus();
  }
  const absl::StatusOr<bool> agreed = context.dialogue.Confirm(absl::StrCat(
      "The store ", store, " is root's, and the services run as cpuagg. Give it to cpuagg?"));
  if (!agreed.ok()) return agreed.status();
  if (!*agreed) {
    context.Leave(absl::StrCat("the services cannot write to ", store,
                               ": run chown -R cpuagg:cpuagg ", store));
    return absl::OkStatus();
  }
  context.dialogue.Say(absl::StrCat("  $ chown -R --from=root cpuagg:cpuagg ", store));
  if (absl::Status status = GiveAway(store, owner); !status.ok()) return status;
  context.dialogue.Done(absl::StrCat("the store ", store, " is cpuagg's"));
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeServiceUser(SetupContext& context) {
  if (!context.Begin("User, store and token file",
                     "The services run as the user cpuagg, who owns the store and nothing else; "
                     "root alone reads the token.",
                     absl::StrCat("useradd --system --groups adm cpuagg; install -d -m 0750 -o "
                                  "cpuagg -g cpuagg /var/lib/cpuagg; install -m 0600 /dev/null ",
                                  kHostToken))) {
    return absl::OkStatus();
  }
  std::optional<Account> user = FindServiceUser();
  if (user.has_value()) {
    context.dialogue.Done("the user cpuagg is there");
  } else {
    const absl::Status made = MakeUser(context);
    user = FindServiceUser();
    if (user.has_value()) {
      context.dialogue.Done("made the user cpuagg");
    } else {
      context.Leave(absl::StrCat("there is no user cpuagg, and it could not be made: ",
                                 made.message(), "; everything is root's until there is"));
    }
  }
  if (absl::Status status = MakeStore(context, user.value_or(Account())); !status.ok()) {
    return status;
  }
  if (absl::Status status = MakeRootDirectory(kHostDirectory, {.mode = 0755}); !status.ok()) {
    return status;
  }
  // The credential of the services, which has to be there even if it is empty.
  if (!IsThere(kHostToken)) {
    if (absl::Status status = WriteRootFile(kHostToken, "", {.mode = 0600}); !status.ok()) {
      return status;
    }
    context.dialogue.Done(absl::StrCat("made ", kHostToken, ", empty"));
  } else if (absl::Status safe = ReadSettingsFile(kHostToken).status(); !safe.ok()) {
    // Who could write to it may have put a token of their own there.
    return safe;
  } else if (!IsOwnedSo(kHostToken, {.mode = 0600})) {
    if (chown(kHostToken, 0, 0) != 0 || chmod(kHostToken, 0600) != 0) {
      return acct::ErrnoStatus(errno, kHostToken, "set the owner of");
    }
    context.dialogue.Done(absl::StrCat(kHostToken, " is root's alone now"));
  } else {
    context.dialogue.Done(absl::StrCat(kHostToken, " is there"));
  }
  return absl::OkStatus();
}

}  // namespace cpuagg::tools
