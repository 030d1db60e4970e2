// CrashingFiles: file changes that stop where a crash would stop them, and lose what a power cut
// loses.
//
//   CrashingFiles files(dir.Path("trash"));
//   files.StopAt(3, CrashingFiles::Stop::kPowerCut);  // the fourth call is the first to fail
//   WriteFileAtomically(path, content, 0640, files);
//   files.Restart(random);                            // the disk as the machine finds it again

#ifndef CPUAGG_AGGREGATE_TESTING_CRASHING_FILES_H_
#define CPUAGG_AGGREGATE_TESTING_CRASHING_FILES_H_

#include <sys/types.h>

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "acct/io/atomic_file.h"

namespace cpuagg::aggregate::testing {

class CrashingFiles : public acct::FileSystem {
 public:
  enum class Stop {
    kKill,      // what was done stays done
    kPowerCut,  // what was not synced may be undone, and files be torn
    kError,     // one call fails, as on a full disk, and the program goes on
  };

  // `trash` becomes a directory, on the file system of the files, for what may have to come back.
  explicit CrashingFiles(std::string trash);

  // Call `call` from now on, counted from zero, is stopped.
  void StopAt(uint64_t call, Stop stop);
  // Calls since StopAt() or Restart().
  uint64_t calls() const { return calls_; }
  bool has_stopped() const { return has_stopped_; }
  // Lets calls through again, after the disk has lost what `random` says.
  void Restart(std::mt19937_64& random);

  absl::StatusOr<int> Create(const std::string& path, std::string& temporary, mode_t mode) override;
  absl::Status Write(int fd, const std::string& path, absl::string_view content) override;
  absl::Status Sync(int fd, const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& directory) override;

 private:
  // A change of a directory that has not been synced.
  struct Change {
    enum class Kind { kCreated, kRenamed, kRemoved } kind;
    std::string from;
    std::string to;       // of kRenamed
    std::string trashed;  // what was there before; empty if nothing was
  };

  // Unavailable if this call is stopped.
  absl::Status Allow(absl::string_view call);
  // Moves what is at `path` to the trash. Empty if nothing is there.
  std::string Trash(const std::string& path);
  void Undo(const Change& change);

  std::string trash_;
  uint64_t trashed_ = 0;
  uint64_t calls_ = 0;
  uint64_t stop_at_ = UINT64_MAX;
  Stop stop_ = Stop::kKill;
  bool has_stopped_ = false;
  std::vector<Change> unsynced_changes_;
  std::set<std::string> unsynced_files_;
  std::string created_;  // of the last Create(), whose descriptor is written and synced next
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_CRASHING_FILES_H_
