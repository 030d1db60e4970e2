// RotatingFile: an accounting file as the kernel writes it, as rotation moves it, and as admins,
// compressors and backups disturb it.

#ifndef CPUAGG_AGGREGATE_TESTING_ROTATING_FILE_H_
#define CPUAGG_AGGREGATE_TESTING_ROTATING_FILE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace cpuagg::aggregate::testing {

// How a system rotates its accounting file.
struct RotationScheme {
  const char* name;
  bool is_dated = false;
  int first_number = 0;  // of the newest rotated file
  bool copies_and_truncates = false;
  int compressed_from = -1;  // the age, in rotations, from which files are compressed; -1: never
  size_t kept = 7;           // rotated files; 0: the content is discarded
  bool rotates_empty = false;
  const char* folder = "";  // for the rotated files, next to the accounting file
  const char* prefix = "";  // replaces the usual prefix of numbers or dates
  bool is_linked = false;   // the known path is a symbolic link to the rotated file
};

const std::vector<RotationScheme>& RotationSchemes();

// What happens besides rotation. None of it changes which records exist.
enum class Disturbance {
  kCopy,           // of a file that perhaps still grows
  kPartOfCopy,     // unfinished, or the rest of an interrupted gunzip
  kCompression,    // unfinished
  kOtherName,      // a hard link
  kRemoveRemains,  // of the above
  kJoin,           // one generation is appended to another
  kOtherFiles,     // a pipe, a folder and a note
  kTornRecord,     // a full disk, while a process ends whose record is lost
};
inline constexpr uint32_t kDisturbances = 8;

const char* NameOf(Disturbance disturbance);

class RotatingFile {
 public:
  // `path` need not exist.
  RotatingFile(std::string path, const RotationScheme& scheme);

  // Appends as the kernel does: to the file that it has open, which may have been renamed
  // meanwhile. `number` identifies the record.
  void Append(absl::string_view record, uint64_t number);

  // Rotates. Must not be called while the kernel still writes to the file rotated last. The kernel
  // goes on with the old file until Reopen(), unless that is compressed at once. Returns the
  // numbers of the records that are in no file any more.
  std::vector<uint64_t> Rotate();

  // The number of rotated files that have been removed.
  uint64_t removals() const { return removals_; }

  // Like accton(8): the kernel goes on with the file at the path, a new one if there is none.
  void Reopen();

  // Does what a power failure does to what the kernel had written last: the last records disappear,
  // and part of one or zeros may be left instead. Returns the numbers of the lost records; empty if
  // this is impossible now.
  std::vector<uint64_t> CutOff(std::mt19937_64& random);

  // Whether there are copies or hard links of generations.
  bool has_remains() const { return !remains_.empty(); }

  // Does `what`, if it is possible now. Unless somebody reads (`is_read`), generations may be
  // joined.
  void Disturb(Disturbance what, std::mt19937_64& random, bool is_read);

 private:
  struct Generation {
    std::string path;
    bool is_compressed = false;
    int date = 0;
    std::vector<uint64_t> records;
    bool is_torn = false;  // no whole record can be appended
  };

  std::string PathOf(const Generation& generation, size_t age) const;
  void Compress(Generation& generation, const std::string& target) const;
  // Removes the remains next to the generations.
  void RemoveRemains();
  void JoinOldest();

  std::string path_;
  RotationScheme scheme_;
  Generation current_;
  std::vector<Generation> rotated_;  // newest first
  bool is_at_rotated_ = false;       // the kernel writes to rotated_[0]
  int last_date_ = 20260101;
  uint64_t removals_ = 0;
  int truncations_ = 0;
  int remains_made_ = 0;
  std::vector<std::string> remains_;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_ROTATING_FILE_H_
