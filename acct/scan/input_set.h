// InputSet: several accounting files read as one history, in which each record counts once.
//
// The same records come in several files more often than one thinks: a file named twice, a hard
// link, pacct.1 beside pacct.1.gz, a copy taken while the file still grew. They are known by
// content. Where two files share a stretch of records up to the end of one of them, that stretch
// begins at the beginning of one of them, or of both: this one is read from behind it.
//
//   absl::StatusOr<InputSet> set = InputSet::Open({"pacct.1", "pacct.1.gz", "pacct"}, format);
//   do {
//     for (size_t i = 0; i < set->inputs().size(); ++i) {
//       ... read inputs()[i] with set->watch(), collecting hits[i] ...
//     }
//   } while (*set->Learn(hits));  // true if some records came twice: forget them, and read again

#ifndef CPUAGG_ACCT_SCAN_INPUT_SET_H_
#define CPUAGG_ACCT_SCAN_INPUT_SET_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/progress.h"
#include "acct/record/plausibility.h"
#include "acct/scan/duplicate_detector.h"

namespace cpuagg::acct {

// What an input is called, for people.
std::string DisplayName(const std::string& path);

struct Input {
  std::string name;
  std::string path;  // where it can be opened as often as one likes
  // Its first bytes that another input has as well (as decompressed), and what that is called.
  uint64_t repeated_bytes = 0;
  std::string repeats;
  // The last of those bytes: what ReadOptions::before wants of what is left.
  std::vector<uint8_t> before;
  // Nothing is left of it then.
  bool is_copy = false;
  // It comes as a whole, which several threads can divide among them; not known of a single input.
  bool is_whole = false;
};

class InputSet {
 public:
  // Opens each of `paths` once to see how it begins; "-" is standard input. What cannot be read
  // twice is written to a temporary file first if there are several. Fails if one of them cannot be
  // read.
  static absl::StatusOr<InputSet> Open(const std::vector<std::string>& paths,
                                       const RecordFormat& format);

  const std::vector<Input>& inputs() const { return inputs_; }

  // The part of an input that is to be read: what it repeats is left out.
  static absl::StatusOr<std::unique_ptr<ByteSource>> OpenRest(const Input& input,
                                                              Progress* progress = nullptr);

  // What to look out for while reading; null if there is nothing.
  const DuplicateDetector* watch() const { return watch_.get(); }

  // Takes note of what was seen in each of the inputs. True if inputs() has changed and what was
  // read does not count.
  absl::StatusOr<bool> Learn(const std::vector<std::vector<DuplicateHit>>& hits);

 private:
  explicit InputSet(const RecordFormat& format) : format_(format) {}

  // Reads the first record of what is left of each input.
  absl::Status FindHeads();
  // Finds inputs that begin alike.
  absl::Status CompareBeginnings();
  // Leaves `bytes` more bytes of `input` to `other`.
  static void Leave(Input& input, const Input& other, uint64_t bytes);

  RecordFormat format_;
  std::vector<Input> inputs_;
  struct Head {
    std::string record;   // empty if there is none
    uint64_t offset = 0;  // of it
    size_t bytes = 0;     // from it to the next one
  };
  std::vector<Head> heads_;
  std::unique_ptr<DuplicateDetector> watch_;
  std::vector<File> temporary_files_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_INPUT_SET_H_
