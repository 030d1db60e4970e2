#include "tools/installation/steps/service_user_step.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "acct/io/file.h"
#include "tools/config/settings_file.h"
#include "tools/installation/context/system_facts.h"
#include "tools/installation/steps/give_away.h"
#include "tools/system/root_file.h"

namespace cpuagg::tools {
namespace {

bool IsThere(const char* path) { return access(path, F_OK) == 0; }

absl::Status MakeUser(SetupContext& context) {
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
  // Members of adm may read the accounting file on Debian.
  if (FindGroup("adm").has_value()) arguments.insert(arguments.end(), {"--groups", "adm"});
  arguments.emplace_back("cpuagg");
  return context.Run("useradd", arguments);
}

absl::Status MakeStore(SetupContext& context, const Account& owner) {
  const std::string store = context.command.StoreDirectory();
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
  const bool is_link = S_ISLNK(info.st_mode);
  if (is_link && stat(store.c_str(), &info) != 0) {
    context.Leave(absl::StrCat(store,
                               ": is a broken link: mount what it leads to, or make the folder as "
                               "cpuagg's, and run cpuagg setup again"));
    return absl::OkStatus();
  }
  if (!S_ISDIR(info.st_mode)) {
    context.Leave(absl::StrCat(store, ": is not a folder; move away ", store));
    return absl::OkStatus();
  }
  // Root's files are not given away through a link, which may lead anywhere.
  if (info.st_uid != owner.user && (info.st_uid != 0 || is_link)) {
    context.Leave(absl::StrCat(store, is_link ? ": leads to a folder that belongs" : ": belongs",
                               " to another user than cpuagg, as whom the services run; run chown "
                               "-R cpuagg:cpuagg ",
                               store, is_link ? "/" : ""));
    return absl::OkStatus();
  }
  if (info.st_uid == 0 && owner.user != 0) {
    const absl::StatusOr<bool> agreed = context.dialogue.Confirm(absl::StrCat(
        "The store ", store, " is root's, and the services run as cpuagg. Give it to cpuagg?"));
    if (!agreed.ok()) return agreed.status();
    if (!*agreed) {
      context.Leave(absl::StrCat("the services cannot write to ", store,
                                 ": run chown -R cpuagg:cpuagg ", store));
      return absl::OkStatus();
    }
  }
  // Includes files that root's runs have left in cpuagg's store.
  const absl::StatusOr<size_t> given = GiveAway(store, owner.user, owner.group);
  if (!given.ok()) return given.status();
  if (*given > 0) {
    context.dialogue.Done(absl::StrCat("what root had in ", store,
                                       " is cpuagg's now, as by chown "
                                       "-R --from=root cpuagg:cpuagg ",
                                       store));
  } else {
    context.dialogue.Done(absl::StrCat("the store ", store, " exists"));
  }
  return absl::OkStatus();
}

std::string WhatIsMissing(const std::string& store) {
  std::vector<std::string> missing;
  if (!FindServiceUser().has_value()) missing.emplace_back("the user cpuagg");
  if (!IsThere(store.c_str())) missing.push_back(store);
  if (!IsThere(kHostToken)) missing.emplace_back(kHostToken);
  return missing.empty()
             ? absl::StrCat("done; the user cpuagg, ", store, " and ", kHostToken, " exist")
             : absl::StrCat("to do; missing: ", absl::StrJoin(missing, ", "));
}

}  // namespace

absl::Status MakeServiceUser(SetupContext& context) {
  if (!context.Begin("User, store and token file",
                     "The services run as the user cpuagg, which owns the store and nothing else; "
                     "only root can read the token.",
                     absl::StrCat("useradd --system --groups adm cpuagg; install -d -m 0750 -o "
                                  "cpuagg -g cpuagg /var/lib/cpuagg; install -m 0600 /dev/null ",
                                  kHostToken),
                     [&] { return WhatIsMissing(context.command.StoreDirectory()); })) {
    return absl::OkStatus();
  }
  std::optional<Account> user = FindServiceUser();
  if (user.has_value()) {
    context.dialogue.Done("the user cpuagg exists");
  } else {
    context.record.user = "cpuagg";
    if (absl::Status saved = context.SaveRecord(); !saved.ok()) return saved;
    const absl::Status made = MakeUser(context);
    user = FindServiceUser();
    if (user.has_value()) {
      context.dialogue.Done("made the user cpuagg");
    } else {
      context.record.user.clear();
      if (absl::Status saved = context.SaveRecord(); !saved.ok()) return saved;
      context.Leave(absl::StrCat("there is no user cpuagg, and it could not be made: ",
                                 made.message(), "; everything belongs to root until it exists"));
    }
  }
  constexpr uid_t kFirstPerson = 1000;
  if (user.has_value() && user->user >= kFirstPerson) {
    context.Leave(
        absl::StrCat("the user cpuagg (number ", user->user,
                     ") is not a system user, and the store is not given to it; if it is a person, "
                     "rename user and group (usermod --login, groupmod --new-name), and run cpuagg "
                     "setup again"));
  } else if (absl::Status status = MakeStore(context, user.value_or(Account())); !status.ok()) {
    return status;
  }
  if (absl::Status status = MakeRootDirectory(kHostDirectory, {.mode = 0755}); !status.ok()) {
    return status;
  }
  // The credential of the services. The file must exist, even if it is empty.
  if (!IsThere(kHostToken)) {
    if (absl::Status status = WriteRootFile(kHostToken, "", {.mode = 0600}); !status.ok()) {
      return status;
    }
    context.dialogue.Done(absl::StrCat("made ", kHostToken, ", empty"));
  } else if (absl::Status safe = ReadSettingsFile(kHostToken).status(); !safe.ok()) {
    // Whoever could write to it may have put another token there.
    return safe;
  } else if (!IsRootsAlone(kHostToken)) {
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
