// The files of a store: whose they are, whether they are whole, and how much room they take.

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

// What is cpuagg's in the folder of a store.
inline constexpr std::array<absl::string_view, 4> kOwnNames = {"lock", "names.pb", "snapshots",
                                                               "outbox"};

// Whether nothing else is in the folder, which may be the root of a file system.
bool IsStoreAlone(const std::string& directory);

// The command that does this ("chown", "cpuagg:cpuagg") to all that is cpuagg's in the folder: to
// the folder itself as well if nothing else is in it, and never to what others keep there.
std::string ChangeStore(const std::string& directory, absl::string_view program,
                        absl::string_view argument);

// The command that makes `spec` ("cpuagg:cpuagg") the owner of the store. Where others use the
// folder as well, that is of a folder of its own in it.
std::string GiveStoreTo(const std::string& directory, const std::string& spec);

// What lies in the store, by its owners. A store has few files: the merged ones are removed.
struct Inventory {
  uint64_t bytes = 0;
  uint64_t files = 0;
  uint64_t of_others = 0;   // not the directory's owner's
  std::string first_other;  // the path of one
  std::string linked;       // the path of a file that has another name as well; empty without one
};

// Of what is below `directory`, which is `owner`'s.
Inventory TakeInventory(const std::string& directory, uid_t owner);

// "store_damage": reads the snapshots of `listing`, the newest first, for three seconds at most.
// `collect` is the command that sets aside what is damaged.
void CheckStoreDamage(const aggregate::SnapshotStore& store, const aggregate::StoreListing& listing,
                      const std::string& collect, Findings& findings);

// What there is on the file system of a store, and what the store takes of it.
struct StoreRoom {
  uint64_t free = 0;  // bytes
  bool has_few_inodes = false;
  uint64_t store_bytes = 0;
  uint64_t in_a_year = 0;                     // bytes; 0 if nobody can say
  absl::Duration age = absl::ZeroDuration();  // of the oldest that the store has
};
// "store_space".
Finding CheckRoom(const std::string& directory, const StoreRoom& room);

// "store_size", now and in a year, and "store_space". `days_kept` is KEEP.
void CheckStoreSize(const std::string& directory, absl::Time now, std::optional<int> days_kept,
                    const aggregate::StoreListing& listing, const Inventory& inventory,
                    Findings& findings);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_STORE_STORE_FILES_H_
