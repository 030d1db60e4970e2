#include "benchmarks/machine.h"

#include <linux/magic.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace cpuagg::benchmarks {
namespace {

// What follows `key` and a colon in a file of /proc.
std::string ValueOf(const char* path, absl::string_view key) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    absl::string_view value = line;
    if (!absl::ConsumePrefix(&value, key)) continue;
    const size_t colon = value.find(':');
    if (colon == absl::string_view::npos) continue;
    return std::string(absl::StripAsciiWhitespace(value.substr(colon + 1)));
  }
  return "?";
}

std::string FileSystemOf(const std::string& directory) {
  struct statfs info;
  if (statfs(directory.c_str(), &info) != 0) return "?";
  switch (info.f_type) {
    case EXT4_SUPER_MAGIC:
      return "ext4";
    case XFS_SUPER_MAGIC:
      return "xfs";
    case BTRFS_SUPER_MAGIC:
      return "btrfs";
    case TMPFS_MAGIC:
      return "tmpfs";
    case OVERLAYFS_SUPER_MAGIC:
      return "overlayfs";
    default:
      return absl::StrCat("a file system of type 0x", absl::Hex(info.f_type));
  }
}

}  // namespace

std::string MachineText(const std::string& directory) {
  struct utsname system = {};
  uname(&system);
  double kib = 0;
  const std::string memory = ValueOf("/proc/meminfo", "MemTotal");
  (void)absl::SimpleAtod(memory.substr(0, memory.find(' ')), &kib);
  return absl::StrCat(ValueOf("/proc/cpuinfo", "model name"), ", ", sysconf(_SC_NPROCESSORS_ONLN),
                      " processors, ", static_cast<uint64_t>(kib * 1024 / 1e9), " GB, ",
                      system.sysname, " ", system.release, ", files on ", FileSystemOf(directory));
}

}  // namespace cpuagg::benchmarks
