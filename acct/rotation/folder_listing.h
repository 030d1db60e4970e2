// Which files lie where the generations of an accounting file may be, by their names and inodes. No
// file is opened here; acct/rotation/rotation.h does that.

#ifndef CPUAGG_ACCT_ROTATION_FOLDER_LISTING_H_
#define CPUAGG_ACCT_ROTATION_FOLDER_LISTING_H_

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace cpuagg::acct {

inline constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Where the generations are.
struct AccountingFiles {
  // The accounting file; or a folder of numbered files, all of which are one history.
  std::string path;
  // Other folders into which rotation moves them (logrotate's olddir, savelog -r).
  std::vector<std::string> other_folders = {};
  // What cannot be opened or read is passed over instead of being an error.
  bool passes_over_unreadable = false;
};

// What lies among the generations and is none of them.
struct PassedOver {
  std::string path;
  std::string why;  // "is a directory"
  // Its name is that of a generation, which is odd.
  bool has_usual_name = false;
  // It may be one, which nobody can tell without reading it.
  bool is_unreadable = false;

  friend bool operator==(const PassedOver&, const PassedOver&) = default;
};

// A file as the listing of its folder has it.
struct Found {
  std::string path;
  struct stat info;
  // By its name: smaller is newer. nullopt if the name is an unusual one.
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

// Those of `files`, in all folders where they may be and wherever a link leads. The same file has
// one name in it. A folder that is not there has nothing in it.
absl::StatusOr<FolderListing> ListFolders(const AccountingFiles& files);

// Whether all files that were listed are still where they were, and none has come.
bool IsUnchanged(const FolderListing& before, const FolderListing& after);

bool IsDirectory(const std::string& path);

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_ROTATION_FOLDER_LISTING_H_
