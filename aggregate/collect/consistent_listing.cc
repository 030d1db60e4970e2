#include "aggregate/collect/consistent_listing.h"

#include <chrono>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/io/file.h"
#include "acct/rotation/cursor.h"

namespace cpuagg::aggregate {
namespace {

// A generation listed before the processes were read.
struct Listed {
  acct::Generation generation;
  acct::Cursor end;  // of its content at that time, unless it is sealed or compressed
};

using InodeKey = std::pair<uint64_t, uint64_t>;
using Listing = absl::flat_hash_map<InodeKey, Listed>;

bool IsPlain(const acct::Generation& generation) {
  return !generation.seal.has_value() && !generation.is_compressed && generation.size > 0;
}

absl::StatusOr<Listing> ListBefore(const acct::AccountingFiles& files,
                                   const std::vector<acct::Cursor>& cursors) {
  absl::StatusOr<acct::GenerationListing> listing = acct::ListGenerations(files, cursors);
  if (!listing.ok()) return listing.status();
  Listing listed;
  for (acct::Generation& generation : listing->generations) {
    acct::Cursor end;
    if (IsPlain(generation)) {
      const absl::StatusOr<acct::File> file = generation.Open();
      if (!file.ok()) return file.status();
      absl::StatusOr<acct::Cursor> cursor = acct::CursorAt(*file, generation.size);
      if (!cursor.ok()) return cursor.status();
      end = *std::move(cursor);
    }
    const InodeKey key(generation.device, generation.inode);
    listed.emplace(key, Listed{std::move(generation), std::move(end)});
  }
  return listed;
}

// The offset of the records in `generation` that were written after the listing `earlier`. nullopt
// if `generation` is not in `earlier`; if it was truncated and began anew; or if it has grown
// although it has a successor, since somebody may have appended older records.
absl::StatusOr<std::optional<uint64_t>> ScanOffset(const acct::Generation& generation,
                                                   bool has_successor, const Listing& earlier) {
  const auto found = earlier.find({generation.device, generation.inode});
  if (found == earlier.end() || generation.size < found->second.generation.size) {
    return std::nullopt;
  }
  const Listed& before = found->second;
  if (has_successor && generation.size > before.generation.size) return std::nullopt;
  // A sealed file is not kept open, so another file may have its inode by now. If it is no longer
  // sealed, it was written to or is another file; the next try will know its end.
  if (before.generation.seal != generation.seal ||
      before.generation.is_compressed != generation.is_compressed) {
    return std::nullopt;
  }
  if (generation.seal.has_value() || generation.is_compressed) {
    return std::numeric_limits<uint64_t>::max();
  }
  if (before.end.offset > 0) {
    const absl::StatusOr<acct::File> file = generation.Open();
    if (!file.ok()) return file.status();
    const absl::StatusOr<acct::Cursor> end = acct::CursorAt(*file, before.generation.size);
    if (!end.ok()) return end.status();
    if (*end != before.end) return std::nullopt;
  }
  return before.generation.size;
}

// One try. nullopt if a generation did not exist before the processes were read, or was changed
// since by something other than the kernel: then the time of its records is unknown.
absl::StatusOr<std::optional<ConsistentListing>> LookOnce(const acct::AccountingFiles& files,
                                                          const std::vector<acct::Cursor>& cursors,
                                                          const ProcessReader& read_processes) {
  ConsistentListing consistent;
  Listing earlier;
  if (read_processes != nullptr) {
    const auto listed_at = std::chrono::steady_clock::now();
    absl::StatusOr<Listing> listed = ListBefore(files, cursors);
    if (!listed.ok()) return listed.status();
    earlier = *std::move(listed);
    absl::StatusOr<acct::ProcessTable> table = read_processes();
    if (table.ok()) {
      consistent.processes.emplace(*std::move(table));
      // A process that ended in between has a later record and is not in the table. Times refer to
      // the listing, in case this program was stopped since.
      consistent.processes->uptime -= std::chrono::duration_cast<std::chrono::seconds>(
                                          std::chrono::steady_clock::now() - listed_at)
                                          .count();
    } else {
      consistent.running_problem = std::string(table.status().message());
    }
  }
  absl::StatusOr<acct::GenerationListing> listing = acct::ListGenerations(files, cursors);
  if (!listing.ok()) return listing.status();
  consistent.generations = std::move(listing->generations);
  consistent.passed_over = std::move(listing->passed_over);
  bool has_successor = false;
  for (const acct::Generation& generation : consistent.generations) {
    const absl::StatusOr<std::optional<uint64_t>> offset =
        ScanOffset(generation, has_successor, earlier);
    if (!offset.ok()) return offset.status();
    if (!offset->has_value() && consistent.processes.has_value()) return std::nullopt;
    consistent.scan_offsets.push_back(offset->value_or(0));
    has_successor |= generation.size > 0;
  }
  return std::optional<ConsistentListing>(std::move(consistent));
}

}  // namespace

absl::StatusOr<ConsistentListing> ListConsistently(const acct::AccountingFiles& files,
                                                   const std::vector<acct::Cursor>& cursors,
                                                   const ProcessReader& read_processes) {
  // A rotation does not take long.
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<std::optional<ConsistentListing>> consistent =
        LookOnce(files, cursors, read_processes);
    if (absl::IsAborted(consistent.status())) continue;
    if (!consistent.ok()) return consistent.status();
    if (consistent->has_value()) return **std::move(consistent);
  }
  return absl::UnavailableError(
      absl::StrCat(files.path,
                   ": kept changing while it was read (is it being rotated?); run "
                   "again"));
}

}  // namespace cpuagg::aggregate
