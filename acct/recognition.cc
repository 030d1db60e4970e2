#include "acct/recognition.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/byte_source.h"
#include "acct/file.h"
#include "acct/generation_name.h"
#include "acct/layout.h"

namespace cpuagg::acct {
namespace {

// What every generation with a record has at least: two files are compared only if this is equal.
constexpr size_t kLeastHeadBytes = kPackedV1Bytes;

// The first bytes of a generation's content.
absl::StatusOr<std::string> HeadOf(const Generation& generation) {
  if (!generation.is_compressed) {
    const absl::StatusOr<File> file = generation.Open();
    if (!file.ok()) return file.status();
    return file->ReadAt(0, std::min(generation.size, Cursor::kMarkBytes));
  }
  absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
  if (!content.ok()) return content.status();
  const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
  if (!block.ok()) return block.status();
  const absl::Span<const uint8_t> head = block->subspan(0, Cursor::kMarkBytes);
  return std::string(reinterpret_cast<const char*>(head.data()), head.size());
}

// Whether two files begin alike, as far as both go.
bool AreAlike(absl::string_view a, absl::string_view b) {
  const size_t length = std::min(a.size(), b.size());
  return length > 0 && a.substr(0, length) == b.substr(0, length);
}

// Whether a generation that begins as that of a cursor does also has what comes before its offset.
enum class Fit {
  kNone,     // it has something else there
  kShorter,  // it ends before the offset
  kReaches,  // it has
};

struct Reach {
  std::vector<Fit> fits;           // of each cursor that was asked for
  std::optional<uint64_t> length;  // of the content; nullopt if it was not read to its end
};

absl::StatusOr<Reach> ReachOfPlain(const Generation& generation, const std::vector<Cursor>& cursors,
                                   const std::vector<size_t>& asked) {
  const absl::StatusOr<File> file = generation.Open();
  if (!file.ok()) return file.status();
  Reach reach{.length = generation.size};
  for (const size_t c : asked) {
    const Cursor& cursor = cursors[c];
    if (cursor.tail.size() > cursor.offset) {
      // A cursor comes from a file as well, so its parts may disagree.
      reach.fits.push_back(Fit::kNone);
    } else if (generation.size < cursor.offset) {
      reach.fits.push_back(Fit::kShorter);
    } else {
      const absl::StatusOr<std::string> tail =
          file->ReadAt(cursor.offset - cursor.tail.size(), cursor.tail.size());
      if (!tail.ok()) return tail.status();
      reach.fits.push_back(*tail == cursor.tail ? Fit::kReaches : Fit::kNone);
    }
  }
  return reach;
}

absl::StatusOr<Reach> ReachOfCompressed(const Generation& generation,
                                        const std::vector<Cursor>& cursors,
                                        const std::vector<size_t>& asked, bool to_end) {
  absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
  if (!content.ok()) return content.status();
  std::vector<size_t> by_offset(asked.size());
  for (size_t i = 0; i < asked.size(); ++i) by_offset[i] = i;
  std::sort(by_offset.begin(), by_offset.end(), [&](size_t a, size_t b) {
    return cursors[asked[a]].offset < cursors[asked[b]].offset;
  });
  Reach reach{.fits = std::vector<Fit>(asked.size(), Fit::kShorter)};
  Marks marks;
  uint64_t position = 0;
  absl::Span<const uint8_t> rest;
  for (auto next = by_offset.begin();;) {
    if (next == by_offset.end() && !to_end) return reach;
    if (rest.empty()) {
      const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
      if (!block.ok()) return block.status();
      rest = *block;
    }
    uint64_t length = rest.size();
    if (next != by_offset.end()) {
      length = std::min(length, cursors[asked[*next]].offset - position);
    }
    marks.Add(rest.subspan(0, length));
    position += length;
    rest.remove_prefix(length);
    for (; next != by_offset.end() && cursors[asked[*next]].offset == position; ++next) {
      const Cursor& cursor = cursors[asked[*next]];
      const bool fits =
          cursor.tail.size() <= cursor.offset && absl::EndsWith(marks.cursor().tail, cursor.tail);
      reach.fits[*next] = fits ? Fit::kReaches : Fit::kNone;
    }
    if (length == 0 && rest.empty()) {
      reach.length = position;
      return reach;
    }
  }
}

// Finds out what is new among files that begin alike.
class Recognition {
 public:
  Recognition(const std::vector<Generation>& generations, const std::vector<Cursor>& cursors)
      : generations_(generations), cursors_(cursors), known_(generations.size()) {}

  absl::StatusOr<std::vector<KnownGeneration>> Run() {
    for (size_t c = 0; c < cursors_.size(); ++c) {
      if (cursors_[c].head.size() < kLeastHeadBytes) continue;
      cursors_by_head_[cursors_[c].head.substr(0, kLeastHeadBytes)].push_back(c);
    }
    if (absl::Status status = ReadHeads(); !status.ok()) return status;
    for (const auto& [head, unsealed] : unsealed_by_head_) {
      std::vector<size_t> left = unsealed;
      while (!left.empty()) {
        std::vector<size_t> alike;
        const size_t first = left.front();
        std::erase_if(left, [&](size_t g) {
          if (!AreAlike(heads_[g], heads_[first])) return false;
          alike.push_back(g);
          return true;
        });
        if (absl::Status status = Settle(alike); !status.ok()) return status;
      }
    }
    FindEmpty();
    FindCopiedAndTruncated();
    return std::move(known_);
  }

 private:
  // What is sealed is settled by that, and what has no record has nothing to compare.
  absl::Status ReadHeads() {
    absl::flat_hash_set<std::string> paths;
    absl::flat_hash_set<std::string> sources;  // of what is compressed
    for (const Generation& generation : generations_) {
      paths.insert(generation.path);
      const std::optional<std::string> source = WithoutCompression(generation.path);
      if (source.has_value()) sources.insert(*source);
    }
    heads_.resize(generations_.size());
    for (size_t g = 0; g < generations_.size(); ++g) {
      const Generation& generation = generations_[g];
      if (generation.seal.has_value()) {
        known_[g] = {.cursor = generation.seal, .holds_nothing_new = true};
        sealed_.insert(*generation.seal);
        continue;
      }
      if (!generation.is_compressed) known_[g].size = generation.size;
      if (generation.size == 0) continue;
      absl::StatusOr<std::string> head = HeadOf(generation);
      if (!head.ok()) return head.status();
      heads_[g] = *std::move(head);
      if (heads_[g].size() >= kLeastHeadBytes) {
        unsealed_by_head_[heads_[g].substr(0, kLeastHeadBytes)].push_back(g);
        continue;
      }
      // A compressor is at work on the file beside it, or on this one, and has written nothing yet.
      const std::optional<std::string> source = WithoutCompression(generation.path);
      known_[g].holds_nothing_new =
          source.has_value() ? paths.contains(*source) : sources.contains(generation.path);
    }
    return absl::OkStatus();
  }

  // Settles unsealed generations that begin alike.
  absl::Status Settle(const std::vector<size_t>& alike) {
    std::vector<size_t> cursors;
    const std::string& head = heads_[alike.front()];
    const auto found = cursors_by_head_.find(head.substr(0, kLeastHeadBytes));
    if (found != cursors_by_head_.end()) {
      std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(cursors),
                   [&](size_t c) { return AreAlike(head, cursors_[c].head); });
    }
    // How long they are matters only where another file may hold the same.
    const bool to_end =
        alike.size() > 1 ||
        std::any_of(cursors.begin(), cursors.end(), [&](size_t c) { return sealed_.contains(c); });
    // Of those that reach equally far the plain one, which is sooner read, under a usual name,
    // since another may be a copy; and the newest.
    std::optional<std::pair<std::tuple<uint64_t, bool, bool>, size_t>> furthest;
    for (const size_t g : alike) {
      const Generation& generation = generations_[g];
      const absl::StatusOr<Reach> reach =
          generation.is_compressed ? ReachOfCompressed(generation, cursors_, cursors, to_end)
                                   : ReachOfPlain(generation, cursors_, cursors);
      if (!reach.ok()) return reach.status();
      known_[g].holds_nothing_new = true;
      if (IsPartOfWhatWasRead(g, cursors, reach->fits)) continue;
      const std::tuple rank(reach->length.value_or(0), !generation.is_compressed,
                            generation.has_usual_name);
      if (!furthest.has_value() || rank > furthest->first) furthest = {rank, g};
    }
    if (!furthest.has_value()) return absl::OkStatus();
    // Unless it is a copy of one that is sealed, and has nothing more.
    const auto& [rank, best] = *furthest;
    const std::optional<size_t> cursor = known_[best].cursor;
    known_[best].holds_nothing_new =
        cursor.has_value() && sealed_.contains(*cursor) &&
        std::get<0>(rank) == cursors_[*cursor].offset + cursors_[*cursor].trailing_bytes;
    return absl::OkStatus();
  }

  // Finds the cursor from which reading of generation `g` goes on. True if there is nothing behind
  // any.
  bool IsPartOfWhatWasRead(size_t g, const std::vector<size_t>& cursors,
                           const std::vector<Fit>& fits) {
    const Generation& generation = generations_[g];
    std::optional<size_t>& furthest = known_[g].cursor;
    std::optional<size_t> truncated;
    bool is_part = false;
    for (size_t i = 0; i < cursors.size(); ++i) {
      const Cursor& cursor = cursors_[cursors[i]];
      if (fits[i] == Fit::kReaches) {
        known_[g].also_continues.push_back(cursors[i]);
        if (!furthest.has_value() || cursor.offset > cursors_[*furthest].offset) {
          furthest = cursors[i];
        }
      }
      if (fits[i] != Fit::kShorter) continue;
      // A file that was cut off in its place goes on from its new end. Any other that ends early is
      // a copy that is not finished, or a remain of one.
      const bool is_in_place = !generation.is_compressed && generation.device == cursor.device &&
                               generation.inode == cursor.inode;
      if (is_in_place) {
        truncated = cursors[i];
      } else {
        is_part = true;
      }
    }
    if (!furthest.has_value()) furthest = truncated;
    return is_part;
  }

  // A file that was copied, read, and truncated, in this order, has been read further than its copy
  // goes: the copy is all that is to come of it.
  void FindCopiedAndTruncated() {
    absl::flat_hash_set<std::pair<uint64_t, uint64_t>> inodes;
    absl::flat_hash_map<std::string, std::vector<size_t>> by_head;
    for (size_t g = 0; g < generations_.size(); ++g) {
      inodes.insert({generations_[g].device, generations_[g].inode});
      const std::optional<size_t> seal = generations_[g].seal;
      const std::string& head = seal.has_value() ? cursors_[*seal].head : heads_[g];
      if (head.size() >= kLeastHeadBytes) by_head[head.substr(0, kLeastHeadBytes)].push_back(g);
    }
    for (size_t c = 0; c < cursors_.size(); ++c) {
      const Cursor& cursor = cursors_[c];
      if (!cursor.may_grow || cursor.head.size() < kLeastHeadBytes ||
          !inodes.contains({cursor.device, cursor.inode})) {
        continue;
      }
      const auto found = by_head.find(cursor.head.substr(0, kLeastHeadBytes));
      if (found == by_head.end()) continue;
      for (const size_t g : found->second) known_[g].ends_before.push_back(c);
    }
  }

  // A generation that was empty has nothing but its inode and the time of its birth to be known by,
  // unless it was compressed and is still empty. Nothing was lost of it if nobody has written to
  // it, or if it has been renamed since; but who copies and truncates it may have done so many
  // times.
  void FindEmpty() {
    for (size_t c = 0; c < cursors_.size(); ++c) {
      const Cursor& cursor = cursors_[c];
      if (cursor.offset > 0 || !cursor.may_grow) continue;
      std::optional<size_t> found;
      for (size_t g = 0; g < generations_.size(); ++g) {
        const Generation& generation = generations_[g];
        if (known_[g].cursor.has_value() || known_[g].holds_nothing_new) continue;
        const bool is_same = generation.device == cursor.device &&
                             generation.inode == cursor.inode &&
                             generation.born_nanos == cursor.born_nanos;
        const bool is_idle =
            generation.size == 0 && generation.modified_nanos == cursor.sealed_nanos;
        if (is_same && (is_idle || !generation.is_current)) {
          found = g;
          break;
        }
        // Compressors keep the time of the file.
        if (generation.is_compressed && heads_[g].empty() &&
            generation.modified_nanos == cursor.sealed_nanos) {
          found = g;
        }
      }
      if (found.has_value()) known_[*found].cursor = c;
    }
  }

  const std::vector<Generation>& generations_;
  const std::vector<Cursor>& cursors_;
  std::vector<KnownGeneration> known_;
  std::vector<std::string> heads_;
  absl::flat_hash_set<size_t> sealed_;  // cursors by which a generation is known unopened
  absl::flat_hash_map<std::string, std::vector<size_t>> cursors_by_head_;
  absl::flat_hash_map<std::string, std::vector<size_t>> unsealed_by_head_;
};

}  // namespace

absl::StatusOr<std::vector<KnownGeneration>> Recognise(const std::vector<Generation>& generations,
                                                       const std::vector<Cursor>& cursors) {
  return Recognition(generations, cursors).Run();
}

absl::StatusOr<Cursor> CursorAtEnd(const Generation& generation) {
  Cursor cursor;
  if (generation.is_compressed) {
    absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
    if (!content.ok()) return content.status();
    Marks marks;
    for (;;) {
      const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
      if (!block.ok()) return block.status();
      if (block->empty()) break;
      marks.Add(*block);
    }
    const uint64_t length = marks.cursor().offset;
    cursor = marks.cursor(length % kRecordBytes);
    cursor.trailing_bytes = length % kRecordBytes;
  } else {
    const absl::StatusOr<File> file = generation.Open();
    if (!file.ok()) return file.status();
    const uint64_t torn_bytes = generation.size % kRecordBytes;
    absl::StatusOr<Cursor> end = CursorAt(*file, generation.size - torn_bytes);
    if (!end.ok()) return end.status();
    cursor = *std::move(end);
    cursor.trailing_bytes = torn_bytes;
  }
  cursor.device = generation.device;
  cursor.inode = generation.inode;
  cursor.sealed_bytes = generation.size;
  cursor.sealed_nanos = generation.modified_nanos;
  return cursor;
}

}  // namespace cpuagg::acct
