// InputSet: several accounting files, read as one history in which each record counts once.
//
// The same records are often in several files: a file named twice, a hard link, pacct.1 next to
// pacct.1.gz, a copy made while the file still grew. They are recognised by content. If two files
// share records up to the end of one of them, the shared part begins at the beginning of at least
// one of them: that file is read from after the shared part.
//
//   absl::StatusOr<InputSet> set = InputSet::Open({"pacct.1", "pacct.1.gz", "pacct"}, format);
//   status = set->Resolve([&] {
//     totals = Totals();  // what an earlier call has read does not count
//     for (size_t i = 0; i < set->inputs().size(); ++i) {
//       absl::StatusOr<ByteAccount> account =
//           set->ReadInput(i, [&](ByteSource& source, const ReadOptions& options) {
//             return ReadRecords(source, options, totals);
//           });
//       ...
//     }
//     return absl::OkStatus();
//   });

#ifndef CPUAGG_ACCT_SCAN_INPUT_SET_H_
#define CPUAGG_ACCT_SCAN_INPUT_SET_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/progress.h"
#include "acct/record/plausibility.h"
#include "acct/scan/byte_account.h"
#include "acct/scan/duplicate_detector.h"
#include "acct/scan/read_options.h"

namespace cpuagg::acct {

// The name of an input, for people.
std::string DisplayName(const std::string& path);

// Whether standard input is not a file. If it has no byte then, the command that should write to it
// may have failed.
bool StandardInputIsPiped();

struct Input {
  std::string name;
  std::string path;  // can be opened repeatedly
  // The number of bytes at the beginning (after decompression) that another input has as well, and
  // the name of that input.
  uint64_t repeated_bytes = 0;
  std::string repeats;
  // The last of those bytes, for ReadOptions::before.
  std::vector<uint8_t> before;
  // All records are repeated. At most a part of a record follows the repeated bytes.
  bool is_copy = false;
  // Its length, if it is read as a whole, so that several threads can divide it; otherwise zero.
  // Unknown for a single input, like the next one.
  uint64_t whole_bytes = 0;
  uint64_t file_bytes = 0;  // of the file, compressed or not
};

class InputSet {
 public:
  // Opens each of `paths` once, to find out how it begins; "-" is standard input. If there are
  // several, inputs that cannot be read twice are first copied to temporary files. Fails if one of
  // them cannot be read, with the error of the first. As many are opened at once as `threads`.
  static absl::StatusOr<InputSet> Open(const std::vector<std::string>& paths,
                                       const RecordFormat& format, size_t threads = 1);

  const std::vector<Input>& inputs() const { return inputs_; }

  // The indices of inputs() in the order in which the first processes of what is read of them
  // ended. Inputs of which nothing is read come last.
  std::vector<size_t> InOrderOfTime() const;

  // Reads the bytes of `source` as `options` say; on one thread, unless it chooses otherwise.
  using ReadBytes =
      std::function<absl::StatusOr<ByteAccount>(ByteSource& source, ReadOptions options)>;

  // Reads inputs()[index] without the bytes that it repeats: calls `read` for the rest. The account
  // also has the input's name and its repeated bytes. Several inputs may be read at the same time,
  // each by one thread. The errors are those of OpenSource() and `read`.
  absl::StatusOr<ByteAccount> ReadInput(size_t index, const ReadBytes& read,
                                        Progress* progress = nullptr);

  // Finds what inputs repeat of one another. Calls `read_all`, which reads each of inputs() with
  // ReadInput(), until no more records turn up that come twice: once, if there are none. Only what
  // its last call has read counts. Fails with the error of `read_all`, or if inputs cannot be
  // compared.
  absl::Status Resolve(const std::function<absl::Status()>& read_all);

  // The same for callers that cannot take back what they read, since they print it: if there are
  // several inputs, reads them beforehand. After that ReadInput() reads each record once.
  absl::Status ResolveBeforehand(size_t threads);

 private:
  InputSet(const RecordFormat& format, size_t threads) : format_(format), threads_(threads) {}

  // Reads the first record of the rest of each input.
  absl::Status FindHeads();
  absl::Status FindHead(size_t index);
  // Finds inputs with the same beginning.
  absl::Status CompareBeginnings();
  // Leaves out what the hits prove to come twice. Whether inputs() has changed, so that what was
  // read does not count.
  absl::StatusOr<bool> LeaveOutRepeated();
  // Leaves `bytes` more bytes of `input` to `other`.
  static void Leave(Input& input, const Input& other, uint64_t bytes);

  RecordFormat format_;
  size_t threads_;
  std::vector<Input> inputs_;
  struct Head {
    std::string record;   // empty if there is none
    uint64_t offset = 0;  // of the record
    size_t bytes = 0;     // from this record to the next one
    int64_t end = 0;      // when its process ended, in hundredths of a second since 1970
  };
  std::vector<Head> heads_;  // none of a single input
  // What to look out for while reading, and what was seen of it in each input; null if there is
  // nothing.
  std::unique_ptr<DuplicateDetector> watch_;
  std::vector<std::vector<DuplicateHit>> hits_;
  std::vector<File> temporary_files_;
};

}  // namespace cpuagg::acct

#endif  // CPUAGG_ACCT_SCAN_INPUT_SET_H_
