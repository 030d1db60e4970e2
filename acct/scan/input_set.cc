#include "acct/scan/input_set.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "acct/io/open_source.h"
#include "acct/io/start_thread.h"
#include "acct/record/layout.h"
#include "acct/record/record_view.h"
#include "acct/scan/record_reader.h"
#include "acct/scan/record_scanner.h"
#include "acct/scan/shared_bytes.h"
#include "acct/scan/source_from.h"

namespace cpuagg::acct {
namespace {

// A process may have 1,024 open files, or fewer.
constexpr size_t kMostOpenAtOnce = 64;

// `info` is that of the file at `path`.
bool CanBeReadTwice(const std::string& path, const struct stat& info) {
  return path != "-" &&
         !(S_ISFIFO(info.st_mode) || S_ISCHR(info.st_mode) || S_ISSOCK(info.st_mode));
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

// An accumulator (see acct/scan/record_reader.h) of nothing.
struct Nothing {
  template <typename Record>
  void Add(const Record&, uint64_t) {}
  Nothing Fresh() const { return {}; }
  void Merge(Nothing) {}
};

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

bool StandardInputIsPiped() {
  struct stat info;
  return fstat(STDIN_FILENO, &info) == 0 && !S_ISREG(info.st_mode);
}

absl::StatusOr<InputSet> InputSet::Open(const std::vector<std::string>& paths,
                                        const RecordFormat& format, size_t threads) {
  if (absl::Status status = CheckAllAreThere(paths); !status.ok()) return status;
  InputSet set(format, threads);
  set.inputs_.reserve(paths.size());
  for (const std::string& path : paths) {
    set.inputs_.push_back({.name = DisplayName(path), .path = path});
    if (paths.size() == 1) continue;
    struct stat info = {};
    (void)stat(path.c_str(), &info);
    set.inputs_.back().file_bytes = static_cast<uint64_t>(info.st_size);
    if (CanBeReadTwice(path, info)) continue;
    absl::StatusOr<File> kept = Keep(path);
    if (!kept.ok()) return kept.status();
    set.inputs_.back().path = absl::StrCat("/proc/self/fd/", kept->fd());
    set.temporary_files_.push_back(*std::move(kept));
  }
  set.hits_.resize(paths.size());
  if (paths.size() == 1) return set;
  if (absl::Status status = set.FindHeads(); !status.ok()) return status;
  if (absl::Status status = set.CompareBeginnings(); !status.ok()) return status;
  return set;
}

std::vector<size_t> InputSet::InOrderOfTime() const {
  std::vector<size_t> order(inputs_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (heads_.empty()) return order;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(heads_[a].record.empty(), heads_[a].end) <
           std::pair(heads_[b].record.empty(), heads_[b].end);
  });
  return order;
}

absl::StatusOr<ByteAccount> InputSet::ReadInput(size_t index, const ReadBytes& read,
                                                Progress* progress) {
  const Input& input = inputs_[index];
  const absl::StatusOr<std::unique_ptr<ByteSource>> source =
      OpenFrom(input.path, input.repeated_bytes, progress);
  if (!source.ok()) return source.status();
  // A copy may end with a part of a record, or have damaged compression.
  absl::StatusOr<ByteAccount> account =
      read(**source, {.base = input.repeated_bytes,
                      .format = format_,
                      .before = input.before,
                      .watch = input.is_copy ? nullptr : watch_.get(),
                      .hits = &hits_[index]});
  if (!account.ok()) return account.status();
  account->name = input.name;
  account->repeated_bytes = input.repeated_bytes;
  account->repeats = input.repeats;
  return account;
}

absl::Status InputSet::Resolve(const std::function<absl::Status()>& read_all) {
  for (;;) {
    hits_.assign(inputs_.size(), {});
    if (absl::Status status = read_all(); !status.ok()) return status;
    if (watch_ == nullptr) return absl::OkStatus();
    const absl::StatusOr<bool> has_changed = LeaveOutRepeated();
    if (!has_changed.ok()) return has_changed.status();
    if (!*has_changed) break;
  }
  watch_.reset();
  return absl::OkStatus();
}

absl::Status InputSet::ResolveBeforehand(size_t threads) {
  if (watch_ == nullptr) return absl::OkStatus();
  const auto look = [&](ByteSource& source, ReadOptions options) {
    options.threads = threads;
    Nothing nothing;
    return ReadRecords(source, options, nothing);
  };
  return Resolve([&] {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (absl::Status status = ReadInput(i, look).status(); !status.ok()) return status;
    }
    return absl::OkStatus();
  });
}

absl::Status InputSet::FindHeads() {
  heads_.assign(inputs_.size(), Head());
  std::vector<absl::Status> statuses(inputs_.size());
  ForEachInParallel(inputs_.size(), std::min(threads_, kMostOpenAtOnce), [&](size_t i) {
    if (!inputs_[i].is_copy) statuses[i] = FindHead(i);
  });
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  std::vector<std::string> records;
  records.reserve(heads_.size());
  for (const Head& head : heads_) records.push_back(head.record);
  watch_ = std::make_unique<DuplicateDetector>(std::move(records));
  return absl::OkStatus();
}

absl::Status InputSet::FindHead(size_t index) {
  Input& input = inputs_[index];
  absl::StatusOr<std::vector<uint8_t>> before = BytesBefore(input.path, input.repeated_bytes);
  if (!before.ok()) return before.status();
  input.before = *std::move(before);
  absl::StatusOr<std::unique_ptr<ByteSource>> source =
      input.repeated_bytes == 0 ? OpenBeginning(input.path)
                                : OpenFrom(input.path, input.repeated_bytes);
  if (!source.ok()) return source.status();
  input.whole_bytes = (*source)->size_hint();
  RecordScanner scanner(input.repeated_bytes, format_);
  scanner.GoOnBehind(input.before);
  Head& head = heads_[index];
  const auto keep_first = [&](const auto& record, uint64_t offset) {
    if (head.record.empty()) {
      const size_t bytes =
          record.view().version() == kVersion1.version ? kPackedV1Bytes : kRecordBytes;
      head.record.assign(reinterpret_cast<const char*>(record.bytes()), bytes);
      head.offset = offset;
      head.end = record.view().end_hundredths();
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
    for (size_t at = 0; at < block->size() && !is_found; at += kPieceBytes) {
      scanner.Scan(block->subspan(at, kPieceBytes), keep_first);
      is_found = head.bytes > 0;
    }
  }
  if (head.bytes == 0) head.bytes = kRecordBytes;
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
      const absl::StatusOr<SharedBytes> shared =
          CompareFrom(inputs_[i].path, heads_[i].offset, inputs_[j].path, heads_[j].offset);
      if (!shared.ok()) return shared.status();
      const bool are_equal = shared->reaches_end_of_first && shared->reaches_end_of_second;
      const bool one_is_part = shared->reaches_end_of_first || shared->reaches_end_of_second;
      if (are_equal || (one_is_part && IsProof(*shared, heads_[i].bytes))) {
        Input& copy = shared->reaches_end_of_second ? inputs_[j] : inputs_[i];
        const uint64_t begin = heads_[shared->reaches_end_of_second ? j : i].offset;
        Leave(copy, shared->reaches_end_of_second ? inputs_[i] : inputs_[j],
              begin + shared->bytes - copy.repeated_bytes);
        copy.before.clear();
        copy.is_copy = true;
        found_copy = true;
      }
    }
  }
  return found_copy ? FindHeads() : absl::OkStatus();
}

absl::StatusOr<bool> InputSet::LeaveOutRepeated() {
  // One change per round is enough: the other inputs are checked in the next round.
  bool learned = false;
  for (size_t i = 0; i < inputs_.size(); ++i) {
    for (const DuplicateHit& hit : hits_[i]) {
      Input& input = inputs_[hit.head];
      const Head& head = heads_[hit.head];
      if (hit.head == i || input.is_copy || hit.offset < inputs_[i].repeated_bytes) continue;
      const absl::StatusOr<SharedBytes> shared =
          CompareFrom(inputs_[i].path, hit.offset, input.path, head.offset);
      if (!shared.ok()) return shared.status();
      if (!shared->reaches_end_of_first && !shared->reaches_end_of_second) continue;
      if (!IsProof(*shared, head.bytes)) continue;
      // Up to the end of a record, unless nothing else follows. `input` also loses what precedes
      // its first record.
      const uint64_t whole = shared->bytes - shared->bytes % head.bytes;
      const uint64_t end = head.offset + (shared->reaches_end_of_second ? shared->bytes : whole);
      if (whole == 0 || end <= input.repeated_bytes) continue;
      Leave(input, inputs_[i], end - input.repeated_bytes);
      input.is_copy = shared->reaches_end_of_second;
      if (input.is_copy) input.before.clear();
      learned = true;
    }
    if (learned) break;
  }
  if (!learned) return false;
  if (absl::Status status = FindHeads(); !status.ok()) return status;
  return true;
}

}  // namespace cpuagg::acct
