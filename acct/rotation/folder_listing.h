// Lists the files that may be generations of an accounting file, by name and inode. Does not open
// any file; acct/rotation/rotation.h does.

#ifndef CPUAGG_ACCT_ROTATION_FOLDER_LISTING_H_
#define CPUAGG_ACCT_ROTATION_FOLDER_LISTING_H_

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"

namespace cpuagg::acct {

inline constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Where to look for generations.
struct AccountingFiles {
  // The accounting file, or a folder of numbered files that together are one history.
  std::string path;
  // Other folders to which rotation moves generations (logrotate's olddir, savelog -r).
  std::vector<std::string> other_folders = {};
  // Leaves out other folders to which links lead from `path`.
  bool only_own_folder = false;
  // Skips what cannot be opened or read, instead of failing.
  bool passes_over_unreadable = false;
  // The device and inode of files that are known to be generations. They are not opened.
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> known = {};
};

// An entry next to the generations that is not a generation.
struct PassedOver {
  std::string path;
  std::string why;  // "is a directory"
  // It has the name of a generation, which is odd.
  bool has_usual_name = false;
  // It may be a generation, but only reading it would tell.
  bool is_unreadable = false;

  friend bool operator==(const PassedOver&, const PassedOver&) = default;
};

// A file as the listing of its folder shows it.
struct Found {
  std::string path;
  struct stat info;
  // The age that its name gives: smaller is newer. nullopt if the name is unusual.
  std::optional<std::vector<int64_t>> age;
  bool is_current = false;
  bool has_unknown_ending = false;

  int64_t modified_nanos() const {
    return info.st_mtim.tv_sec * kNanosPerSecond + info.st_mtim.tv_nsec;
  }
  bool IsSameFile(const Found& other) const {
    return info.st_dev == other.info.st_dev && info.st_ino == other.info.st_ino;
  }
};

struct FolderListing {
  std::vector<Found> files;  // newest first
  std::vector<PassedOver> passed_over;
};

// Lists the files of all folders in `files`, and those that links lead to. Each file appears once.
// A folder that does not exist counts as empty.
absl::StatusOr<FolderListing> ListFolders(const AccountingFiles& files);

// Whether all listed files still have their names, and no new file has appeared.
bool IsUnchanged(const FolderListing& before, const FolderListing& after);

bool IsDirectory(const std::string& path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_FOLDER_LISTING_H_
