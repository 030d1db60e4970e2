#include "tools/installation/context/system_facts.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <initializer_list>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "tools/system/cron_daemon.h"

namespace cpuagg::tools {

std::string FindSystemProgram(const std::string& name) {
  for (const char* folder : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    std::string path = absl::StrCat(folder, name);
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

bool IsRunBySystemd() {
  // Like sd_booted(3).
  struct stat info;
  return lstat("/run/systemd/system", &info) == 0 && S_ISDIR(info.st_mode);
}

bool IsSystemdTheInit() {
  std::error_code error;
  const std::filesystem::path init = std::filesystem::canonical("/sbin/init", error);
  // Debian's systemd-sysv and others make /sbin/init a link to systemd.
  if (!error) return init.filename() == "systemd";
  return access("/usr/lib/systemd/systemd", X_OK) == 0 || access("/lib/systemd/systemd", X_OK) == 0;
}

bool IsCronRunning() { return check::IsCronRunning("").value_or(false); }

std::string FindUnit(const std::string& name) {
  for (const char* folder :
       {"/etc/systemd/system/", "/run/systemd/system/", "/usr/local/lib/systemd/system/",
        "/usr/lib/systemd/system/", "/lib/systemd/system/"}) {
    std::string path = absl::StrCat(folder, name);
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return "";
}

bool IsMasked(const std::string& unit) {
  const std::string path = FindUnit(unit);
  struct stat info;
  if (path.empty() || stat(path.c_str(), &info) != 0) return false;
  std::error_code error;
  return std::filesystem::canonical(path, error) == "/dev/null" ||
         (S_ISREG(info.st_mode) && info.st_size == 0);
}

std::optional<Account> FindServiceUser() {
  const passwd* const entry = getpwnam("cpuagg");
  if (entry == nullptr) return std::nullopt;
  return Account{.user = entry->pw_uid, .group = entry->pw_gid};
}

std::optional<gid_t> FindGroup(const char* name) {
  const group* const entry = getgrnam(name);
  if (entry == nullptr) return std::nullopt;
  return entry->gr_gid;
}

}  // namespace cpuagg::tools
