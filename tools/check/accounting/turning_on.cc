#include "tools/check/accounting/turning_on.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tools/system/paths.h"
#include "tools/system/small_file.h"

namespace cpuagg::tools::check {
namespace {

bool HasGroup(const std::string& root, absl::string_view name) {
  // Reads the file, because a directory of groups may not answer.
  const std::string text = ReadSmallFile(root + "/etc/group").value_or("");
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  return std::any_of(lines.begin(), lines.end(), [&](absl::string_view line) {
    return absl::ConsumePrefix(&line, name) && absl::StartsWith(line, ":");
  });
}

}  // namespace

TurningOn FindTurningOn(const std::string& file, const std::string& root) {
  TurningOn how;
  const std::string folder = std::filesystem::path(file).parent_path().string();
  how.has_folder = folder.empty() || IsDirectory(folder);
  for (const char* path : {"/usr/sbin/accton", "/sbin/accton", "/usr/bin/accton"}) {
    if (how.accton.empty() && Exists(root + path)) how.accton = path;
  }
  if (Exists(root + "/run/systemd/system")) {
    for (const char* unit : {"acct", "psacct"}) {
      for (const char* directory : {"/lib/systemd/system/", "/usr/lib/systemd/system/",
                                    "/etc/systemd/system/", "/run/systemd/generator.late/"}) {
        const std::string path = absl::StrCat(root, directory, unit, ".service");
        if (how.unit.empty() && Exists(path)) how.unit = unit;
      }
    }
  }
  if (Exists(root + "/usr/bin/apt-get")) {
    how.installs = "apt-get install acct";
  } else if (Exists(root + "/usr/bin/dnf")) {
    how.installs = "dnf install psacct";
  } else if (Exists(root + "/usr/bin/pacman")) {
    how.installs = "pacman -S acct";
  } else if (Exists(root + "/usr/bin/zypper")) {
    how.installs = "zypper install acct";
  }
  constexpr char kReadersOfLogs[] = "adm";
  if (HasGroup(root, kReadersOfLogs)) how.group = kReadersOfLogs;
  return how;
}

void AddMendsThatTurnOn(const std::string& file, const TurningOn& how, bool is_there,
                        Finding& finding) {
  if (how.accton.empty() && how.installs.empty()) {
    finding.advice.emplace_back("install GNU acct (accton) first");
  } else if (how.accton.empty()) {
    finding.mends.push_back(how.installs);
  }
  // The command may be typed in another directory.
  std::error_code failed;
  const std::filesystem::path absolute = std::filesystem::absolute(file, failed);
  const std::string path = ShellWord(failed ? file : absolute.string());
  std::string make;
  if (!is_there) {
    // Unlike mkdir, it creates all folders with permission for everybody to enter, whatever the
    // umask.
    if (!how.has_folder) {
      make = absl::StrCat("install -d -m 0755 ",
                          ShellWord(std::filesystem::path(file).parent_path().string()), " && ");
    }
    absl::StrAppend(&make, "touch ", path, " && ");
    // If it stayed in root's group, the service could not read it.
    if (!how.group.empty()) absl::StrAppend(&make, "chgrp ", how.group, " ", path, " && ");
    absl::StrAppend(&make, "chmod 0640 ", path, " && ");
  }
  finding.mends.push_back(
      absl::StrCat(make, how.accton.empty() ? "/usr/sbin/accton" : how.accton, " ", path,
                   how.may_be_copy ? "  # unless it is a copy, or another machine's" : ""));
  // The unit uses the file of this system.
  if (!how.unit.empty() && !how.may_be_copy) {
    finding.mends.push_back(
        absl::StrCat("systemctl enable --now ", how.unit, "  # at each boot as well"));
  }
}

}  // namespace cpuagg::tools::check
