#include "aggregate/names/account_files.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"

namespace cpuagg::aggregate {

std::vector<std::string> AccountFiles() {
  // The last one is of libnss-extrausers.
  return {"/etc/passwd", "/etc/nsswitch.conf", "/var/lib/extrausers/passwd"};
}

std::string AccountsVersion(absl::Span<const std::string> files) {
  std::string version;
  for (const std::string& file : files) {
    struct stat info;
    if (stat(file.c_str(), &info) != 0) {
      version += "none;";
      continue;
    }
    // st_ctim changes with the content, also if st_mtim is set back.
    absl::StrAppend(&version, info.st_dev, ":", info.st_ino, ":", info.st_size, ":",
                    info.st_ctim.tv_sec, ".", info.st_ctim.tv_nsec, ";");
  }
  return version;
}

}  // namespace cpuagg::aggregate
