#include "aggregate/report/history.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "acct/io/file.h"
#include "acct/record/layout.h"
#include "acct/record/plausibility.h"
#include "acct/record/record_view.h"
#include "acct/rotation/likeness.h"
#include "acct/rotation/read_plan.h"
#include "acct/rotation/recognition.h"

namespace cpuagg::aggregate {
namespace {

// A file system may store times in whole seconds, or use another machine's clock.
constexpr absl::Duration kClockDifference = absl::Minutes(5);

bool IsRecordEndingAfter(absl::string_view bytes, absl::Time time) {
  const absl::Span<const uint8_t> span(reinterpret_cast<const uint8_t*>(bytes.data()),
                                       bytes.size());
  const std::optional<acct::RecordView> record = acct::RecordAt(span, {});
  return record.has_value() && acct::IsRegular(*record) &&
         absl::FromUnixSeconds(record->end_hundredths() / 100) > time;
}

// Whether the generation has a record that is newer than its modification time. A copy with another
// time, or a clock that was set back, causes this; then the modification time proves nothing.
// Checks the first record, and the last one of an uncompressed file.
absl::StatusOr<bool> ContradictsItsTime(const acct::Generation& generation, absl::Time written) {
  const absl::Time latest = written + kClockDifference;
  const absl::StatusOr<std::string> head = acct::HeadOf(generation);
  if (!head.ok()) return head.status();
  if (IsRecordEndingAfter(*head, latest)) return true;
  if (generation.is_compressed || generation.size < acct::kRecordBytes) return false;
  const absl::StatusOr<acct::File> file = generation.Open();
  if (!file.ok()) return file.status();
  const uint64_t whole = generation.size - generation.size % acct::kRecordBytes;
  const absl::StatusOr<std::string> last =
      file->ReadAt(whole - acct::kRecordBytes, acct::kRecordBytes);
  if (!last.ok()) return last.status();
  return IsRecordEndingAfter(*last, latest);
}

// Aborted if a rotation is in progress.
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
      const absl::StatusOr<bool> is_younger = ContradictsItsTime(generation, written);
      if (!is_younger.ok()) return is_younger.status();
      if (!*is_younger) {
        ++history.older_files;
        continue;
      }
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
