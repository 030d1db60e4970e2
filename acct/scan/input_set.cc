#include "acct/scan/input_set.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/io/open_source.h"
#include "acct/scan/record_scanner.h"

namespace cpuagg::acct {
namespace {

// The bytes of a source from an offset on.
class SourceFrom : public ByteSource {
 public:
  SourceFrom(std::unique_ptr<ByteSource> source, uint64_t begin)
      : source_(std::move(source)), missing_(begin), begin_(begin) {}

  absl::StatusOr<absl::Span<const uint8_t>> Next() override {
    for (;;) {
      absl::StatusOr<absl::Span<const uint8_t>> block = source_->Next();
      if (!block.ok() || block->empty()) return block;
      const uint64_t passed = std::min<uint64_t>(missing_, block->size());
      missing_ -= passed;
      block->remove_prefix(passed);
      if (!block->empty()) return block;
    }
  }
  void WillRead(absl::Span<const uint8_t> window) const override { source_->WillRead(window); }
  const std::string& damage() const override { return source_->damage(); }
  uint64_t size_hint() const override {
    return source_->size_hint() > begin_ ? source_->size_hint() - begin_ : 0;
  }

 private:
  std::unique_ptr<ByteSource> source_;
  uint64_t missing_;
  uint64_t begin_;
};

absl::StatusOr<std::unique_ptr<ByteSource>> OpenFrom(const std::string& path, uint64_t begin,
                                                     Progress* progress = nullptr) {
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenSource(path, progress);
  if (!source.ok() || begin == 0) return source;
  return std::make_unique<SourceFrom>(*std::move(source), begin);
}

// The last bytes before `end`, enough to decide whether they are records.
absl::StatusOr<std::vector<uint8_t>> BytesBefore(const std::string& path, uint64_t end) {
  constexpr uint64_t kMost = 4 * kRecordBytes;
  const size_t count = std::min(end, kMost);
  std::vector<uint8_t> bytes;
  if (count == 0) return bytes;
  absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenFrom(path, end - count);
  if (!source.ok()) return source.status();
  while (bytes.size() < count) {
    const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
    if (!block.ok()) return block.status();
    if (block->empty()) break;
    const absl::Span<const uint8_t> part = block->subspan(0, count - bytes.size());
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

bool CanBeReadTwice(const std::string& path) {
  struct stat info;
  return path != "-" &&
         (stat(path.c_str(), &info) != 0 ||
          !(S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode) || S_ISSOCK(info.st_mode)));
}

// Copies the rest of `path` to a file without a name.
absl::StatusOr<File> Keep(const std::string& path) {
  absl::StatusOr<File> from = File::OpenForReading(path);
  if (!from.ok()) return from.status();
  const char* const directory = std::getenv("TMPDIR");
  const std::string place = directory != nullptr && *directory != '\0' ? directory : "/tmp";
  absl::StatusOr<File> to = File::CreateTemporary(place);
  if (!to.ok()) return to.status();
  std::vector<char> buffer(size_t{256} << 10);
  for (;;) {
    const ssize_t got = read(from->fd(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoStatus(errno, path, "read");
    if (got == 0) return to;
    for (ssize_t written = 0; written < got;) {
      const ssize_t count =
          write(to->fd(), buffer.data() + written, static_cast<size_t>(got - written));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return ErrnoStatus(errno, place, "keep a copy of the input there");
      written += count;
    }
  }
}

struct Common {
  uint64_t bytes = 0;
  std::string beginning;  // the first of these bytes
  bool to_end_of_first = false;
  bool to_end_of_second = false;
};

// How far `first` from `first_begin` on and `second` from `second_begin` on are equal. Ignores the
// torn record at the end of a copy.
absl::StatusOr<Common> CompareFrom(const Input& first, uint64_t first_begin, const Input& second,
                                   uint64_t second_begin) {
  absl::StatusOr<std::unique_ptr<ByteSource>> a = OpenFrom(first.path, first_begin);
  if (!a.ok()) return a.status();
  absl::StatusOr<std::unique_ptr<ByteSource>> b = OpenFrom(second.path, second_begin);
  if (!b.ok()) return b.status();
  Common common;
  absl::Span<const uint8_t> rest_a;
  absl::Span<const uint8_t> rest_b;
  const auto refill = [](ByteSource& source, absl::Span<const uint8_t>& rest) -> absl::Status {
    if (!rest.empty()) return absl::OkStatus();
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (block.ok()) rest = *block;
    return block.status();
  };
  for (;;) {
    if (absl::Status status = refill(**a, rest_a); !status.ok()) return status;
    if (absl::Status status = refill(**b, rest_b); !status.ok()) return status;
    const size_t length = std::min(rest_a.size(), rest_b.size());
    const size_t same = static_cast<size_t>(
        std::mismatch(rest_a.begin(), rest_a.begin() + static_cast<ptrdiff_t>(length),
                      rest_b.begin())
            .first -
        rest_a.begin());
    common.bytes += same;
    constexpr size_t kKept = 64 * kRecordBytes;
    const size_t kept = std::min(same, kKept - common.beginning.size());
    common.beginning.append(reinterpret_cast<const char*>(rest_a.data()), kept);
    rest_a.remove_prefix(same);
    rest_b.remove_prefix(same);
    if (length > same || length == 0) break;
  }
  const auto at_end = [](ByteSource& source,
                         absl::Span<const uint8_t> rest) -> absl::StatusOr<bool> {
    if (rest.size() >= kRecordBytes) return false;
    const absl::StatusOr<absl::Span<const uint8_t>> block = source.Next();
    if (!block.ok()) return block.status();
    return block->empty() || rest.size() + block->size() < kRecordBytes;
  };
  const absl::StatusOr<bool> end_of_a = at_end(**a, rest_a);
  if (!end_of_a.ok()) return end_of_a.status();
  const absl::StatusOr<bool> end_of_b = at_end(**b, rest_b);
  if (!end_of_b.ok()) return end_of_b.status();
  common.to_end_of_first = *end_of_a;
  common.to_end_of_second = *end_of_b;
  return common;
}

// Whether the shared part of two files, which begins with a record of `record_bytes` bytes, must be
// the same processes. A record with a process id is proof. Without process ids it takes several
// different records, since short commands that do nothing often leave equal ones.
bool IsProof(const Common& common, size_t record_bytes) {
  const std::string& bytes = common.beginning;
  if (common.bytes < record_bytes) return false;
  const std::optional<RecordView> record =
      RecordAt({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, RecordFormat());
  if (record.has_value() && record->pid().value_or(0) != 0) return true;
  constexpr int kEnough = 4;
  int different = 1;
  for (size_t at = record_bytes; at + record_bytes <= bytes.size(); at += record_bytes) {
    if (bytes.compare(at, record_bytes, bytes, at - record_bytes, record_bytes) != 0) ++different;
  }
  return different >= kEnough;
}

// So that a user who names several files learns of all that are missing at once.
absl::Status CheckAllAreThere(const std::vector<std::string>& paths) {
  absl::Status first;
  std::string all;
  for (const std::string& path : paths) {
    if (path == "-" || faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0) continue;
    const absl::Status status = ErrnoStatus(errno, path, "open");
    absl::StrAppend(&all, all.empty() ? "" : "; ", status.message());
    first.Update(status);
  }
  return absl::Status(first.code(), all);
}

}  // namespace

std::string DisplayName(const std::string& path) { return path == "-" ? "standard input" : path; }

absl::StatusOr<InputSet> InputSet::Open(const std::vector<std::string>& paths,
                                        const RecordFormat& format) {
  if (absl::Status status = CheckAllAreThere(paths); !status.ok()) return status;
  InputSet set(format);
  set.inputs_.reserve(paths.size());
  for (const std::string& path : paths) {
    set.inputs_.push_back({.name = DisplayName(path), .path = path});
    if (paths.size() == 1 || CanBeReadTwice(path)) continue;
    absl::StatusOr<File> kept = Keep(path);
    if (!kept.ok()) return kept.status();
    set.inputs_.back().path = absl::StrCat("/proc/self/fd/", kept->fd());
    set.temporary_files_.push_back(*std::move(kept));
  }
  if (paths.size() == 1) return set;
  if (absl::Status status = set.FindHeads(); !status.ok()) return status;
  if (absl::Status status = set.CompareBeginnings(); !status.ok()) return status;
  return set;
}

absl::StatusOr<std::unique_ptr<ByteSource>> InputSet::OpenRest(const Input& input,
                                                               Progress* progress) {
  return OpenFrom(input.path, input.repeated_bytes, progress);
}

absl::Status InputSet::FindHeads() {
  heads_.assign(inputs_.size(), Head());
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i].is_copy) continue;
    absl::StatusOr<std::vector<uint8_t>> before =
        BytesBefore(inputs_[i].path, inputs_[i].repeated_bytes);
    if (!before.ok()) return before.status();
    inputs_[i].before = *std::move(before);
    absl::StatusOr<std::unique_ptr<ByteSource>> source = OpenRest(inputs_[i]);
    if (!source.ok()) return source.status();
    RecordScanner scanner(inputs_[i].repeated_bytes, format_);
    scanner.GoOnBehind(inputs_[i].before);
    Head& head = heads_[i];
    const auto keep_first = [&](const auto& record, uint64_t offset) {
      if (head.record.empty()) {
        const size_t bytes =
            record.view().version() == kVersion1.version ? kPackedV1Bytes : kRecordBytes;
        head.record.assign(reinterpret_cast<const char*>(record.bytes()), bytes);
        head.offset = offset;
      } else if (head.bytes == 0) {
        head.bytes = offset - head.offset;
      }
    };
    // Skips damage before the first record, however long it is.
    constexpr size_t kPieceBytes = size_t{64} << 10;
    for (bool is_found = false; !is_found;) {
      const absl::StatusOr<absl::Span<const uint8_t>> block = (*source)->Next();
      if (!block.ok()) return block.status();
      if (block->empty()) {
        scanner.Finish(keep_first);
        break;
      }
      inputs_[i].is_whole = block->size() == (*source)->size_hint();
      for (size_t at = 0; at < block->size() && !is_found; at += kPieceBytes) {
        scanner.Scan(block->subspan(at, kPieceBytes), keep_first);
        is_found = head.bytes > 0;
      }
    }
    if (head.bytes == 0) head.bytes = kRecordBytes;
  }
  std::vector<std::string> records;
  records.reserve(heads_.size());
  for (const Head& head : heads_) records.push_back(head.record);
  watch_ = std::make_unique<DuplicateDetector>(std::move(records));
  return absl::OkStatus();
}

void InputSet::Leave(Input& input, const Input& other, uint64_t bytes) {
  input.repeated_bytes += bytes;
  input.repeats = other.name;
}

absl::Status InputSet::CompareBeginnings() {
  bool found_copy = false;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    for (size_t j = i + 1; j < inputs_.size() && !inputs_[i].is_copy; ++j) {
      if (inputs_[j].is_copy || heads_[i].record.empty() || heads_[i].record != heads_[j].record) {
        continue;
      }
      const absl::StatusOr<Common> common =
          CompareFrom(inputs_[i], heads_[i].offset, inputs_[j], heads_[j].offset);
      if (!common.ok()) return common.status();
      const bool are_equal = common->to_end_of_first && common->to_end_of_second;
      const bool one_is_part = common->to_end_of_first || common->to_end_of_second;
      if (are_equal || (one_is_part && IsProof(*common, heads_[i].bytes))) {
        Input& copy = common->to_end_of_second ? inputs_[j] : inputs_[i];
        Leave(copy, common->to_end_of_second ? inputs_[i] : inputs_[j], common->bytes);
        copy.is_copy = true;
        found_copy = true;
      }
    }
  }
  return found_copy ? FindHeads() : absl::OkStatus();
}

absl::StatusOr<bool> InputSet::Learn(const std::vector<std::vector<DuplicateHit>>& hits) {
  if (watch_ == nullptr) return false;
  // One change per round is enough: the other inputs are checked in the next round.
  bool learned = false;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    for (const DuplicateHit& hit : hits[i]) {
      Input& input = inputs_[hit.head];
      const Head& head = heads_[hit.head];
      if (hit.head == i || input.is_copy || hit.offset < inputs_[i].repeated_bytes) continue;
      const absl::StatusOr<Common> common = CompareFrom(inputs_[i], hit.offset, input, head.offset);
      if (!common.ok()) return common.status();
      if (!common->to_end_of_first && !common->to_end_of_second) continue;
      if (!IsProof(*common, head.bytes)) continue;
      // Up to the end of a record. `input` also loses what precedes its first record.
      const uint64_t shared = common->bytes - common->bytes % head.bytes;
      const uint64_t end = head.offset + shared;
      if (shared == 0 || end <= input.repeated_bytes) continue;
      Leave(input, inputs_[i], end - input.repeated_bytes);
      input.is_copy = common->to_end_of_second;
      learned = true;
    }
    if (learned) break;
  }
  if (!learned) return false;
  if (absl::Status status = FindHeads(); !status.ok()) return status;
  return true;
}

}  // namespace cpuagg::acct
