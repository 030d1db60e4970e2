#include "acct/rotation/recognition.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/open_source.h"
#include "acct/record/layout.h"
#include "acct/rotation/cut_file.h"
#include "acct/rotation/generation_name.h"
#include "acct/rotation/likeness.h"

namespace cpuagg::acct {
namespace {

// Finds out what is new among files with the same beginning.
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
          if (g != first && !AreAlike(heads_[g], heads_[first])) return false;
          alike.push_back(g);
          return true;
        });
        if (absl::Status status = Settle(alike); !status.ok()) return status;
      }
    }
    FindEmpty();
    if (absl::Status status = FindFinishedCopies(); !status.ok()) return status;
    FindCopiedAndTruncated();
    return std::move(known_);
  }

 private:
  // Sealed generations are already settled, and generations without a record have nothing to
  // compare.
  absl::Status ReadHeads() {
    absl::flat_hash_set<std::string> paths;
    absl::flat_hash_set<std::string> sources;  // the uncompressed names of compressed files
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
      // A compressor is working on the file next to it, or on this one, and has not written
      // anything yet.
      const std::optional<std::string> source = WithoutCompression(generation.path);
      known_[g].holds_nothing_new =
          source.has_value() ? paths.contains(*source) : sources.contains(generation.path);
    }
    return absl::OkStatus();
  }

  // Settles the unsealed generations with this beginning.
  absl::Status Settle(const std::vector<size_t>& alike) {
    std::vector<size_t> cursors;
    const std::string& head = heads_[alike.front()];
    const auto found = cursors_by_head_.find(head.substr(0, kLeastHeadBytes));
    if (found != cursors_by_head_.end()) {
      std::copy_if(found->second.begin(), found->second.end(), std::back_inserter(cursors),
                   [&](size_t c) { return AreOneFile(alike, head, cursors_[c]); });
    }
    // Their full length matters only if another file may hold the same content.
    const bool to_end =
        alike.size() > 1 ||
        std::any_of(cursors.begin(), cursors.end(), [&](size_t c) { return sealed_.contains(c); });
    std::vector<Reach> reaches;
    std::vector<bool> is_reached(cursors.size());
    for (size_t i = 0; i < cursors.size(); ++i) is_reached[i] = sealed_.contains(cursors[i]);
    for (const size_t g : alike) {
      const Generation& generation = generations_[g];
      absl::StatusOr<Reach> reach = ReachOf(generation, cursors, to_end);
      if (!reach.ok()) return reach.status();
      for (size_t i = 0; i < cursors.size(); ++i) {
        Fit& fit = reach->fits[i];
        fit = FitOf(g, cursors_[cursors[i]], fit);
        if (fit == Fit::kReaches) is_reached[i] = true;
      }
      reaches.push_back(*std::move(reach));
    }
    std::optional<Candidate> furthest;
    std::optional<Candidate> longest_cut;
    for (size_t a = 0; a < alike.size(); ++a) {
      const size_t g = alike[a];
      known_[g].holds_nothing_new = true;
      const absl::StatusOr<std::optional<uint64_t>> cut_length =
          GoOnAfterCut(g, cursors, reaches[a].fits, is_reached);
      if (!cut_length.ok()) return cut_length.status();
      if (cut_length->has_value()) {
        if (known_[g].resumes_at < **cut_length) Prefer(g, **cut_length, longest_cut);
      } else if (!IsPartOfWhatWasRead(g, cursors, reaches[a].fits)) {
        Prefer(g, reaches[a].length.value_or(0), furthest);
      }
    }
    // What a file holds since it was truncated is in no other file except copies of it.
    if (longest_cut.has_value()) known_[longest_cut->generation].holds_nothing_new = false;
    if (!furthest.has_value()) return absl::OkStatus();
    // Unless it is a copy of a sealed one, and has nothing more.
    KnownGeneration& best = known_[furthest->generation];
    best.holds_nothing_new =
        best.cursor.has_value() && sealed_.contains(*best.cursor) &&
        furthest->length == cursors_[*best.cursor].offset + cursors_[*best.cursor].trailing_bytes;
    return absl::OkStatus();
  }

  // How far `generation` matches the cursors `asked`. Its length is known if it is read `to_end`,
  // or not compressed.
  absl::StatusOr<Reach> ReachOf(const Generation& generation, const std::vector<size_t>& asked,
                                bool to_end) const {
    if (!generation.is_compressed) return ReachOfPlain(generation, cursors_, asked);
    const absl::StatusOr<std::unique_ptr<ByteSource>> content = generation.OpenContent();
    if (!content.ok()) return content.status();
    return ReachOfContent(**content, cursors_, asked, to_end);
  }

  // How generation `g` fits `cursor`, if the bytes before the cursor's offset fit like `tail`.
  Fit FitOf(size_t g, const Cursor& cursor, Fit tail) const {
    const absl::string_view beginning = CommonBeginning(heads_[g], cursor.head);
    if (AreAlike(heads_[g], cursor.head)) return tail;
    // If the beginning is zeros, the end of what was read decides alone.
    if (tail == Fit::kReaches && !beginning.empty()) return tail;
    return beginning.empty() || IsInPlace(g, cursor) ? Fit::kNone : Fit::kUnrelated;
  }

  // Whether generations that begin with `head`, whose first record is that of `cursor`, are that
  // cursor's file. They may have been truncated soon after that record. Short commands leave the
  // same record several times, but not with the same process id.
  bool AreOneFile(const std::vector<size_t>& alike, absl::string_view head,
                  const Cursor& cursor) const {
    return HasPid(head) || !CommonBeginning(head, cursor.head).empty() ||
           std::any_of(alike.begin(), alike.end(), [&](size_t g) { return IsInPlace(g, cursor); });
  }

  struct Candidate {
    size_t generation = 0;
    uint64_t length = 0;
  };

  // Among equally long ones, prefers an uncompressed one, which is faster to read, then one with a
  // usual name, since another may be a copy, and then the newest.
  void Prefer(size_t g, uint64_t length, std::optional<Candidate>& best) const {
    const auto rank = [&](const Candidate& candidate) {
      const Generation& generation = generations_[candidate.generation];
      return std::tuple(candidate.length, !generation.is_compressed, generation.has_usual_name);
    };
    const Candidate candidate = {.generation = g, .length = length};
    if (!best.has_value() || rank(candidate) > rank(*best)) best = candidate;
  }

  // Whether generation `g` is the file of `cursor` itself, or the file that the kernel writes to,
  // and so is not a copy.
  bool IsNoCopyOf(size_t g, const Cursor& cursor) const {
    const Generation& generation = generations_[g];
    return generation.is_current || IsInPlace(g, cursor);
  }

  // Whether the cursor's file was written by the kernel at the last run.
  static bool WasReadLast(const Cursor& cursor) { return cursor.may_grow && !cursor.is_gone; }

  // Whether generation `g` is the file of `cursor` itself.
  bool IsInPlace(size_t g, const Cursor& cursor) const {
    const Generation& generation = generations_[g];
    // The inode number of a deleted file may be reused.
    const bool is_another = generation.born_nanos != 0 && cursor.born_nanos != 0 &&
                            generation.born_nanos != cursor.born_nanos;
    return !generation.is_compressed && generation.device == cursor.device &&
           generation.inode == cursor.inode && !is_another;
  }

  // Whether generation `g` was truncated below what had been read.
  enum class Cut {
    kNo,
    kPerhaps,  // it ends before that; it may be an unfinished copy or the rest of one
    kYes,
  };

  Cut IsCutOff(size_t g, const std::vector<size_t>& cursors, const std::vector<Fit>& fits,
               const std::vector<bool>& is_reached) const {
    bool reaches = false;
    bool misses = false;
    bool misses_own = false;
    bool misses_present = false;
    bool is_shorter = false;
    for (size_t i = 0; i < cursors.size(); ++i) {
      const Cursor& cursor = cursors_[cursors[i]];
      if (fits[i] == Fit::kReaches) {
        // The cursors that it does not reach belong to truncated data or to copies.
        if (WasReadLast(cursor)) return Cut::kNo;
        reaches = true;
        continue;
      }
      if (fits[i] == Fit::kUnrelated) continue;
      misses |= fits[i] == Fit::kNone || IsNoCopyOf(g, cursor);
      // If creation times do not tell, it may be another file whose own cursor is found under
      // another name.
      const bool is_own = IsInPlace(g, cursor) && (cursor.born_nanos != 0 || !is_reached[i]);
      misses_own |= is_own && !cursor.is_gone;
      misses_present |= fits[i] == Fit::kNone && !cursor.is_gone;
      is_shorter |= fits[i] == Fit::kShorter;
    }
    if (misses_own) return Cut::kYes;
    if (!HasPid(heads_[g])) return Cut::kNo;
    if (misses_present || (misses && !reaches)) return Cut::kYes;
    return is_shorter ? Cut::kPerhaps : Cut::kNo;
  }

  // If generation `g` was truncated, finds its new part, and returns its length.
  absl::StatusOr<std::optional<uint64_t>> GoOnAfterCut(size_t g, const std::vector<size_t>& cursors,
                                                       const std::vector<Fit>& fits,
                                                       const std::vector<bool>& is_reached) {
    const Cut cut = IsCutOff(g, cursors, fits, is_reached);
    if (cut == Cut::kNo) return std::optional<uint64_t>();
    absl::StatusOr<std::unique_ptr<ByteSource>> content = generations_[g].OpenContent();
    if (!content.ok()) return content.status();
    std::vector<const Cursor*> alike;
    alike.reserve(cursors.size());
    for (size_t i = 0; i < cursors.size(); ++i) {
      if (fits[i] != Fit::kUnrelated) alike.push_back(&cursors_[cursors[i]]);
    }
    const absl::StatusOr<CutContent> found = FindNewAfterCut(**content, alike);
    if (!found.ok()) return found.status();
    if (cut == Cut::kPerhaps && found->new_begin == found->end) return std::optional<uint64_t>();
    for (size_t i = cursors.size(); i-- > 0;) {
      if (fits[i] == Fit::kReaches) {
        known_[g].also_continues.push_back(cursors[i]);
      } else if (fits[i] != Fit::kUnrelated) {
        // Cursors of present generations come first.
        known_[g].cursor = cursors[i];
      }
    }
    known_[g].resumes_at = found->new_begin;
    return std::optional<uint64_t>(found->end);
  }

  // Finds the cursor from which to continue reading generation `g`. True if nothing follows any of
  // them.
  bool IsPartOfWhatWasRead(size_t g, const std::vector<size_t>& cursors,
                           const std::vector<Fit>& fits) {
    std::optional<size_t>& furthest = known_[g].cursor;
    bool is_part = false;
    bool is_read_last = false;
    for (size_t i = 0; i < cursors.size(); ++i) {
      const Cursor& cursor = cursors_[cursors[i]];
      if (fits[i] == Fit::kReaches) {
        known_[g].also_continues.push_back(cursors[i]);
        if (!furthest.has_value() || cursor.offset > cursors_[*furthest].offset) {
          furthest = cursors[i];
        }
        is_read_last |= WasReadLast(cursor);
      }
      // An unfinished copy, or the rest of one.
      is_part |= fits[i] == Fit::kShorter && !IsNoCopyOf(g, cursor);
    }
    return is_part && !is_read_last;
  }

  // A copy that has itself been read to its end, such as a compressed one, continues from the
  // cursor of the original file when that is gone.
  absl::Status FindFinishedCopies() {
    const std::vector<bool> is_present = PresentCursors(cursors_, known_);
    for (size_t c = 0; c < cursors_.size(); ++c) {
      const Cursor& cursor = cursors_[c];
      if (is_present[c] || !WasReadLast(cursor) || cursor.offset == 0) continue;
      for (size_t g = 0; g < generations_.size(); ++g) {
        const std::optional<size_t> seal = generations_[g].seal;
        if (!seal.has_value() || !AreAlike(cursors_[*seal].head, cursor.head)) continue;
        absl::StatusOr<File> file = generations_[g].Open();
        if (!file.ok()) return file.status();
        const absl::StatusOr<std::unique_ptr<ByteSource>> content = OpenSource(*std::move(file));
        if (!content.ok()) return content.status();
        const absl::StatusOr<Reach> reach = ReachOfContent(**content, cursors_, {c}, false);
        if (!reach.ok()) return reach.status();
        if (reach->fits[0] == Fit::kReaches) known_[g].also_continues.push_back(c);
      }
    }
    return absl::OkStatus();
  }

  // If a file was copied, read and truncated, in this order, it has been read further than its copy
  // reaches: nothing more will come for it.
  void FindCopiedAndTruncated() {
    absl::flat_hash_map<std::pair<uint64_t, uint64_t>, size_t> by_inode;
    absl::flat_hash_set<size_t> cut;
    absl::flat_hash_map<std::string, std::vector<size_t>> by_head;
    for (size_t g = 0; g < generations_.size(); ++g) {
      by_inode.insert({{generations_[g].device, generations_[g].inode}, g});
      if (known_[g].resumes_at.has_value()) cut.insert(*known_[g].cursor);
      const std::optional<size_t> seal = generations_[g].seal;
      const std::string& head = seal.has_value() ? cursors_[*seal].head : heads_[g];
      if (head.size() >= kLeastHeadBytes) by_head[head.substr(0, kLeastHeadBytes)].push_back(g);
    }
    for (size_t c = 0; c < cursors_.size(); ++c) {
      const Cursor& cursor = cursors_[c];
      if (!cursor.may_grow || cursor.head.size() < kLeastHeadBytes || cut.contains(c)) continue;
      if (HasOnlyZeros(cursor.head.substr(0, kLeastHeadBytes))) continue;
      const auto in_place = by_inode.find({cursor.device, cursor.inode});
      if (in_place == by_inode.end() || !IsInPlace(in_place->second, cursor)) continue;
      if (HaveOneFirst(heads_[in_place->second], cursor.head)) continue;
      const auto found = by_head.find(cursor.head.substr(0, kLeastHeadBytes));
      if (found == by_head.end()) continue;
      for (const size_t g : found->second) known_[g].ends_before.push_back(c);
    }
  }

  // A generation that was empty can only be recognised by its inode and its creation time, unless
  // it was compressed and is still empty. Nothing was lost if nobody has written to it, or if it
  // has been renamed since. But a rotation that copies and truncates it may have done so many
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
        // Compressors keep the modification time of the file.
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
  absl::flat_hash_set<size_t> sealed_;  // cursors that identify a generation without opening it
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
    Fingerprint fingerprint;
    for (;;) {
      const absl::StatusOr<absl::Span<const uint8_t>> block = (*content)->Next();
      if (!block.ok()) return block.status();
      if (block->empty()) break;
      fingerprint.Add(*block);
    }
    const uint64_t length = fingerprint.cursor().offset;
    cursor = fingerprint.cursor(length % kRecordBytes);
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
