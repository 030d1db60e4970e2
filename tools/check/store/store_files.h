// Checks the files of a store: their owners, whether they are undamaged, and their size.

#ifndef CPUAGG_TOOLS_CHECK_STORE_STORE_FILES_H_
#define CPUAGG_TOOLS_CHECK_STORE_STORE_FILES_H_

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "aggregate/store/snapshot_store.h"
#include "tools/check/findings/finding.h"

namespace cpuagg::tools::check {

// The names of cpuagg's own entries in the folder of a store.
inline constexpr std::array<absl::string_view, 4> kOwnNames = {"lock", "names.pb", "snapshots",
                                                               "outbox"};

// Whether the folder has no other entries. It may be the root of a file system, for example.
bool IsStoreAlone(const std::string& directory);

// A command that applies `program` ("chown") with `argument` ("cpuagg:cpuagg") to all of cpuagg's
// entries in the folder. Includes the folder itself if it has no other entries, and never touches
// entries of others.
std::string ChangeStore(const std::string& directory, absl::string_view program,
                        absl::string_view argument);

// The command that makes `spec` ("cpuagg:cpuagg") the owner of the store. If others use the folder
// too, the command is for a separate folder inside it.
std::string GiveStoreTo(const std::string& directory, const std::string& spec);

// The files of a store, by owner. A store has few files, because merged ones are removed.
struct Inventory {
  uint64_t bytes = 0;
  uint64_t files = 0;
  uint64_t of_others = 0;   // not owned by the directory's owner
  std::string first_other;  // the path of one of these
  std::string linked;       // the path of a file with several hard links; empty if there is none
};

// Counts everything below `directory`, which is owned by `owner`.
Inventory TakeInventory(const std::string& directory, uid_t owner);

// Adds "store_damage": reads the snapshots of `listing`, newest first, for at most three seconds.
// `collect` is the command that sets damaged ones aside.
void CheckStoreDamage(const aggregate::SnapshotStore& store, const aggregate::StoreListing& listing,
                      const std::string& collect, Findings& findings);

// The free space on the file system of a store, and the size of the store.
struct StoreRoom {
  uint64_t free = 0;  // bytes
  bool has_few_inodes = false;
  uint64_t store_bytes = 0;
  uint64_t in_a_year = 0;                     // bytes; 0 if unknown
  absl::Duration age = absl::ZeroDuration();  // of the oldest data in the store
};
// The finding "store_space".
Finding CheckRoom(const std::string& directory, const StoreRoom& room);

// Adds "store_size", now and in a year, and "store_space". `days_kept` is KEEP.
void CheckStoreSize(const std::string& directory, absl::Time now, std::optional<int> days_kept,
                    const aggregate::StoreListing& listing, const Inventory& inventory,
                    Findings& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_STORE_STORE_FILES_H_
