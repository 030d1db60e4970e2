#include "tools/system/cron_daemon.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "acct/io/directory_files.h"
#include "tools/system/paths.h"
#include "tools/system/small_file.h"

namespace cpuagg::tools::check {
namespace {

// Whether "27 (crond) S ..." (proc_pid_stat(5)) belongs to a cron, crond, fcron or bcron-start that
// has not ended.
bool IsOfCron(absl::string_view stat) {
  const size_t begin = stat.find('(');
  const size_t end = stat.rfind(')');
  if (begin == stat.npos || end == stat.npos || end < begin || end + 2 >= stat.size()) return false;
  const char state = stat[end + 2];
  return state != 'Z' && state != 'X' && absl::StrContains(stat.substr(begin, end - begin), "cron");
}

bool IsElsewhere(const std::string& process, const std::string& root) {
  struct stat here;
  struct stat there;
  return stat((root + "/").c_str(), &here) == 0 &&
         stat((process + "/root/").c_str(), &there) == 0 &&
         (here.st_dev != there.st_dev || here.st_ino != there.st_ino);
}

}  // namespace

std::optional<bool> IsCronRunning(const std::string& root) {
  // The generator makes timers from crontabs, and needs no daemon.
  for (const char* folder : {"/usr/lib", "/lib"}) {
    if (Exists(
            absl::StrCat(root, folder, "/systemd/system-generators/systemd-crontab-generator")) &&
        Exists(root + "/run/systemd/system")) {
      return true;
    }
  }
  bool sees_first = false;
  for (const std::string& name :
       acct::NamesIn(root + "/proc").value_or(std::vector<std::string>())) {
    if (!std::all_of(name.begin(), name.end(), absl::ascii_isdigit)) continue;
    const std::string process = absl::StrCat(root, "/proc/", name);
    const absl::StatusOr<std::string> stat = ReadSmallFile(process + "/stat");
    if (!stat.ok()) continue;
    if (name == "1") sees_first = true;
    if (IsOfCron(*stat) && !IsElsewhere(process, root)) return true;
  }
  return sees_first ? std::optional<bool>(false) : std::nullopt;
}

}  // namespace cpuagg::tools::check
