#include "aggregate/history.h"

#include <utility>

#include "absl/status/status.h"
#include "acct/read_plan.h"
#include "acct/recognition.h"

namespace cpuagg::aggregate {
namespace {

// A file system may keep times of its own in whole seconds, or those of another machine.
constexpr absl::Duration kClockDifference = absl::Minutes(5);

// Aborted if a rotation is under way.
absl::StatusOr<History> ListedOnce(const acct::AccountingFiles& files, absl::Time begin) {
  absl::StatusOr<acct::GenerationListing> listing = acct::ListGenerations(files, {});
  if (!listing.ok()) return listing.status();
  History history;
  for (acct::PassedOver& passed_over : listing->passed_over) {
    if (passed_over.has_usual_name) history.passed_over.push_back(std::move(passed_over));
  }
  const absl::StatusOr<std::vector<acct::KnownGeneration>> known =
      acct::Recognise(listing->generations, {});
  if (!known.ok()) return known.status();
  for (size_t g = listing->generations.size(); g-- > 0;) {
    const acct::Generation& generation = listing->generations[g];
    if ((*known)[g].holds_nothing_new) continue;
    const absl::Time written = absl::FromUnixNanos(generation.modified_nanos);
    if (!generation.is_current && written + kClockDifference < begin) {
      ++history.older_files;
      continue;
    }
    history.paths.push_back(generation.path);
    history.inodes.emplace_back(generation.device, generation.inode);
  }
  return history;
}

}  // namespace

absl::StatusOr<History> FindHistory(const acct::AccountingFiles& files, absl::Time begin) {
  constexpr int kTries = 10;
  absl::StatusOr<History> history;
  for (int i = 0; i < kTries; ++i) {
    history = ListedOnce(files, begin);
    if (!absl::IsAborted(history.status())) break;
  }
  return history;
}

}  // namespace cpuagg::aggregate
