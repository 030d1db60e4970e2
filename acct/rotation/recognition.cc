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
#include "acct/io/byte_source.h"
#include "acct/io/file.h"
#include "acct/io/open_source.h"
#include "acct/rotation/candidate.h"
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
    std::vector<Alike> groups;
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
        absl::StatusOr<Alike> measured = Measured(alike);
        if (!measured.ok()) return measured.status();
        groups.push_back(*std::move(measured));
      }
    }
    for (Alike& alike : groups) {
      for (RelatedCursor& related : alike.cursors) {
        related.is_reached = reached_by_.contains(related.index);
      }
      if (absl::Status status = ChooseWhatIsRead(alike); !status.ok()) return status;
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
        reached_by_.insert({*generation.seal, g});
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

  // Generations that begin alike, and the cursors of files that began so.
  struct Alike {
    std::vector<Candidate> candidates;
    std::vector<RelatedCursor> cursors;
  };

  // The unsealed generations with this beginning, and how they fit the cursors.
  absl::StatusOr<Alike> Measured(const std::vector<size_t>& generations) {
    Alike alike;
    for (const size_t g : generations) {
      alike.candidates.push_back({.index = g, .generation = &generations_[g], .head = heads_[g]});
    }
    alike.cursors = RelatedCursors(alike.candidates);
    if (absl::Status status = Measure(alike); !status.ok()) return status;
    return alike;
  }

  // The cursors whose file `candidates` may be.
  std::vector<RelatedCursor> RelatedCursors(const std::vector<Candidate>& candidates) const {
    std::vector<RelatedCursor> related;
    const std::string& head = candidates.front().head;
    const auto found = cursors_by_head_.find(head.substr(0, kLeastHeadBytes));
    if (found == cursors_by_head_.end()) return related;
    for (const size_t c : found->second) {
      if (!AreOneFile(candidates, cursors_[c])) continue;
      related.push_back({.index = c, .cursor = &cursors_[c]});
    }
    return related;
  }

  // Whether `candidates`, whose first record is that of `cursor`, are the file of that cursor. They
  // may have been cut off soon after that. Short commands leave the same record several times, but
  // not with the same process id.
  static bool AreOneFile(const std::vector<Candidate>& candidates, const Cursor& cursor) {
    const std::string& head = candidates.front().head;
    return HasPid(head) || !CommonBeginning(head, cursor.head).empty() ||
           std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
             return IsInPlace(*candidate.generation, cursor);
           });
  }

  // Fills in the fits and lengths of the candidates.
  absl::Status Measure(Alike& alike) {
    // Their full length matters only if another file may hold the same content.
    const bool to_end =
        alike.candidates.size() > 1 ||
        std::any_of(alike.cursors.begin(), alike.cursors.end(),
                    [&](const RelatedCursor& related) { return sealed_.contains(related.index); });
    std::vector<size_t> asked;
    for (const RelatedCursor& related : alike.cursors) asked.push_back(related.index);
    for (Candidate& candidate : alike.candidates) {
      absl::StatusOr<Reach> reach = ReachOf(*candidate.generation, asked, to_end);
      if (!reach.ok()) return reach.status();
      candidate.fits = std::move(reach->fits);
      candidate.length = reach->length;
      for (size_t i = 0; i < alike.cursors.size(); ++i) {
        Fit& fit = candidate.fits[i];
        fit = FitOf(candidate, *alike.cursors[i].cursor, fit);
        if (fit == Fit::kReaches) reached_by_.insert({alike.cursors[i].index, candidate.index});
      }
    }
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

  // Of all candidates one is read, which reaches furthest; and one that was cut off, of which
  // nothing is in the others.
  absl::Status ChooseWhatIsRead(const Alike& alike) {
    std::optional<Ranked> furthest;
    std::optional<Ranked> longest_cut;
    for (const Candidate& candidate : alike.candidates) {
      KnownGeneration& known = known_[candidate.index];
      known.holds_nothing_new = true;
      const absl::StatusOr<std::optional<uint64_t>> cut_length =
          GoOnAfterCut(candidate, alike.cursors);
      if (!cut_length.ok()) return cut_length.status();
      if (cut_length->has_value()) {
        if (known.resumes_at < **cut_length) Prefer(candidate, **cut_length, longest_cut);
      } else if (!IsPartOfWhatWasRead(candidate, alike.cursors)) {
        Prefer(candidate, candidate.length.value_or(0), furthest);
      }
    }
    // What a file holds since it was truncated is in no other file except copies of it.
    if (longest_cut.has_value()) known_[longest_cut->candidate->index].holds_nothing_new = false;
    if (!furthest.has_value()) return absl::OkStatus();
    // Unless it is a copy of a sealed one, and has nothing more.
    KnownGeneration& best = known_[furthest->candidate->index];
    best.holds_nothing_new =
        best.cursor.has_value() && sealed_.contains(*best.cursor) &&
        furthest->length == cursors_[*best.cursor].offset + cursors_[*best.cursor].trailing_bytes;
    return absl::OkStatus();
  }

  struct Ranked {
    const Candidate* candidate = nullptr;
    uint64_t length = 0;
  };

  // Among equally long ones, prefers an uncompressed one, which is faster to read, then one with a
  // usual name, since another may be a copy, and then the newest.
  static void Prefer(const Candidate& candidate, uint64_t length, std::optional<Ranked>& best) {
    const auto rank = [](const Ranked& ranked) {
      const Generation& generation = *ranked.candidate->generation;
      return std::tuple(ranked.length, !generation.is_compressed, generation.has_usual_name);
    };
    const Ranked ranked = {.candidate = &candidate, .length = length};
    if (!best.has_value() || rank(ranked) > rank(*best)) best = ranked;
  }

  // If the candidate was cut off, finds what it holds since, and returns its length.
  absl::StatusOr<std::optional<uint64_t>> GoOnAfterCut(const Candidate& candidate,
                                                       const std::vector<RelatedCursor>& cursors) {
    const Cut cut = CutOf(candidate, cursors);
    if (cut == Cut::kNo) return std::optional<uint64_t>();
    const absl::StatusOr<CutContent> found = FindNewIn(candidate, cursors);
    if (!found.ok()) return found.status();
    if (cut == Cut::kPerhaps && found->new_begin == found->end) return std::optional<uint64_t>();
    KnownGeneration& known = known_[candidate.index];
    for (size_t i = cursors.size(); i-- > 0;) {
      if (candidate.fits[i] == Fit::kReaches) {
        known.also_continues.push_back(cursors[i].index);
      } else if (candidate.fits[i] != Fit::kUnrelated) {
        // Cursors of present generations come first.
        known.cursor = cursors[i].index;
      }
    }
    known.resumes_at = found->new_begin;
    return std::optional<uint64_t>(found->end);
  }

  // The new part of a candidate that was cut off. If other generations still have all that had been
  // read, comparing with them shows the place of the cut. Otherwise the times of records do.
  absl::StatusOr<CutContent> FindNewIn(const Candidate& candidate,
                                       const std::vector<RelatedCursor>& cursors) const {
    absl::StatusOr<std::unique_ptr<ByteSource>> content = candidate.generation->OpenContent();
    if (!content.ok()) return content.status();
    std::vector<const Cursor*> related;
    related.reserve(cursors.size());
    bool all_exists = true;
    uint64_t common = 0;
    for (size_t i = 0; i < cursors.size(); ++i) {
      if (candidate.fits[i] == Fit::kUnrelated) continue;
      related.push_back(cursors[i].cursor);
      if (candidate.fits[i] == Fit::kReaches) {
        common = std::max(common, cursors[i].cursor->offset);
        continue;
      }
      const auto reached_by = reached_by_.find(cursors[i].index);
      all_exists &= reached_by != reached_by_.end();
      if (!all_exists) continue;
      const absl::StatusOr<uint64_t> length =
          CommonWith(generations_[reached_by->second], *candidate.generation);
      if (!length.ok()) return length.status();
      common = std::max(common, *length);
    }
    return all_exists ? FindNewAfterCommon(**content, common) : FindNewAfterCut(**content, related);
  }

  // How many bytes at the beginning of two generations are equal. The first one may be sealed.
  static absl::StatusOr<uint64_t> CommonWith(const Generation& sealed, const Generation& other) {
    absl::StatusOr<File> file = sealed.Open();
    if (!file.ok()) return file.status();
    const absl::StatusOr<std::unique_ptr<ByteSource>> content = OpenSource(*std::move(file));
    if (!content.ok()) return content.status();
    const absl::StatusOr<std::unique_ptr<ByteSource>> others = other.OpenContent();
    if (!others.ok()) return others.status();
    return CommonLength(**content, **others);
  }

  // Finds the cursor from which reading of the candidate goes on. True if there is nothing behind
  // any.
  bool IsPartOfWhatWasRead(const Candidate& candidate, const std::vector<RelatedCursor>& cursors) {
    KnownGeneration& known = known_[candidate.index];
    bool is_part = false;
    bool is_read_last = false;
    for (size_t i = 0; i < cursors.size(); ++i) {
      const Cursor& cursor = *cursors[i].cursor;
      if (candidate.fits[i] == Fit::kReaches) {
        known.also_continues.push_back(cursors[i].index);
        if (!known.cursor.has_value() || cursor.offset > cursors_[*known.cursor].offset) {
          known.cursor = cursors[i].index;
        }
        is_read_last |= WasReadLast(cursor);
      }
      // An unfinished copy, or the rest of one.
      is_part |= candidate.fits[i] == Fit::kShorter && !IsNoCopyOf(*candidate.generation, cursor);
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
      if (in_place == by_inode.end() || !IsInPlace(generations_[in_place->second], cursor))
        continue;
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
  // Cursor -> a generation that has all that had been read.
  absl::flat_hash_map<size_t, size_t> reached_by_;
  absl::flat_hash_map<std::string, std::vector<size_t>> cursors_by_head_;
  absl::flat_hash_map<std::string, std::vector<size_t>> unsealed_by_head_;
};

}  // namespace

absl::StatusOr<std::vector<KnownGeneration>> Recognise(const std::vector<Generation>& generations,
                                                       const std::vector<Cursor>& cursors) {
  return Recognition(generations, cursors).Run();
}

}  // namespace cpuagg::acct
