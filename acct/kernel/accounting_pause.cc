#include "acct/kernel/accounting_pause.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "acct/io/file.h"

namespace cpuagg::acct {
namespace {

constexpr uint64_t kHundredths = 100;  // of a percent

}  // namespace

absl::StatusOr<FreeSpace> FreeSpaceOf(const std::string& path, const std::string& limits) {
  const absl::StatusOr<File> file = File::OpenForReading(limits);
  if (!file.ok()) return file.status();
  constexpr uint64_t kMost = 256;
  const absl::StatusOr<std::string> text = file->ReadAt(0, kMost);
  if (!text.ok()) return text.status();
  const std::vector<std::string> words =
      absl::StrSplit(*text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  FreeSpace space;
  if (words.size() < 2 || !absl::SimpleAtoi(words[0], &space.goes_on_at) ||
      !absl::SimpleAtoi(words[1], &space.pauses_below)) {
    return absl::InvalidArgumentError(absl::StrCat(limits, ": does not have two percentages"));
  }
  space.goes_on_at *= kHundredths;
  space.pauses_below *= kHundredths;

  struct statvfs info;
  if (statvfs(path.c_str(), &info) != 0) {
    const std::string folder = std::filesystem::path(path).parent_path();
    if (statvfs(folder.empty() ? "." : folder.c_str(), &info) != 0) {
      return ErrnoStatus(errno, path, "look at the file system of");
    }
  }
  if (info.f_blocks == 0) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": its file system has no blocks"));
  }
  // The kernel uses f_bavail too, which excludes the blocks reserved for root.
  space.free = info.f_bavail * 100 * kHundredths / info.f_blocks;
  return space;
}

}  // namespace cpuagg::acct
