#include "aggregate/sight.h"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "acct/cursor.h"

namespace cpuagg::aggregate {
namespace {

// A generation before the processes were read. It stays open, so that no other file can have its
// inode.
struct Listed {
  acct::Generation generation;
  acct::Cursor end;  // of its content then, unless it is compressed
};

absl::StatusOr<std::vector<Listed>> ListGenerations(const std::string& accounting_file) {
  absl::StatusOr<std::vector<acct::Generation>> generations =
      acct::OpenGenerations(accounting_file);
  if (!generations.ok()) return generations.status();
  std::vector<Listed> listed;
  for (acct::Generation& generation : *generations) {
    acct::Cursor end;
    if (!generation.is_compressed) {
      absl::StatusOr<acct::Cursor> cursor = acct::CursorAt(generation.file, generation.size);
      if (!cursor.ok()) return cursor.status();
      end = *std::move(cursor);
    }
    listed.push_back({std::move(generation), std::move(end)});
  }
  return listed;
}

// Where the records of `generation` begin that were written after `earlier` was listed; nullopt if
// it is none of those, or was truncated since and began anew.
absl::StatusOr<std::optional<uint64_t>> ScanOffset(const acct::Generation& generation,
                                                   const std::vector<Listed>& earlier) {
  const auto found = std::find_if(earlier.begin(), earlier.end(), [&](const Listed& other) {
    return other.generation.device == generation.device &&
           other.generation.inode == generation.inode;
  });
  if (found == earlier.end() || generation.size < found->generation.size) return std::nullopt;
  if (generation.is_compressed) return std::numeric_limits<uint64_t>::max();
  const absl::StatusOr<acct::Cursor> end = acct::CursorAt(generation.file, found->generation.size);
  if (!end.ok()) return end.status();
  if (*end != found->end) return std::nullopt;
  return found->generation.size;
}

// One look. nullopt if a generation was not there before the processes were read, or was cut off
// since: nothing tells when its records were written.
absl::StatusOr<std::optional<Sight>> LookOnce(const std::string& accounting_file,
                                              const ProcessReader& read_processes) {
  Sight sight;
  std::vector<Listed> earlier;
  if (read_processes != nullptr) {
    const auto listed_at = std::chrono::steady_clock::now();
    absl::StatusOr<std::vector<Listed>> listed = ListGenerations(accounting_file);
    if (!listed.ok()) return listed.status();
    earlier = *std::move(listed);
    absl::StatusOr<acct::ProcessTable> table = read_processes();
    if (table.ok()) {
      sight.processes.emplace(*std::move(table));
      // Who ended in between has a record that was written later and is not in the table: times are
      // compared with the listing, should this program have been stopped since.
      sight.processes->uptime -= std::chrono::duration_cast<std::chrono::seconds>(
                                     std::chrono::steady_clock::now() - listed_at)
                                     .count();
    } else {
      sight.running_problem = std::string(table.status().message());
    }
  }
  absl::StatusOr<std::vector<acct::Generation>> generations =
      acct::OpenGenerations(accounting_file);
  if (!generations.ok()) return generations.status();
  sight.generations = *std::move(generations);
  for (const acct::Generation& generation : sight.generations) {
    const absl::StatusOr<std::optional<uint64_t>> offset = ScanOffset(generation, earlier);
    if (!offset.ok()) return offset.status();
    if (!offset->has_value() && sight.processes.has_value()) return std::nullopt;
    sight.scan_offsets.push_back(offset->value_or(0));
  }
  return std::optional<Sight>(std::move(sight));
}

}  // namespace

absl::StatusOr<Sight> LookAround(const std::string& accounting_file,
                                 const ProcessReader& read_processes) {
  // A rotation is over soon.
  constexpr int kTries = 10;
  for (int i = 0; i < kTries; ++i) {
    absl::StatusOr<std::optional<Sight>> sight = LookOnce(accounting_file, read_processes);
    if (!sight.ok()) return sight.status();
    if (sight->has_value()) return **std::move(sight);
  }
  return absl::UnavailableError(absl::StrCat(accounting_file, ": is rotated again and again"));
}

}  // namespace cpuagg::aggregate
