#include "aggregate/aggregator.h"

#include <utility>

#include "absl/time/time.h"
#include "acct/record_reader.h"
#include "acct/record_v3_view.h"

namespace cpuagg::aggregate {
namespace {

// The begin of the bucket that holds `time`, also before 1970.
int64_t BucketBegin(int64_t time, int64_t width, int64_t phase) {
  const int64_t into = (time - phase) % width;
  return time - (into < 0 ? into + width : into);
}

}  // namespace

absl::StatusOr<Aggregation> AggregateByUser(acct::ByteSource& source, const Period& period) {
  Aggregation result;
  uint64_t invalid_elapsed = 0;
  const auto add = [&](acct::RecordV3View record) {
    invalid_elapsed += record.has_valid_elapsed() ? 0u : 1u;
    result.span.Cover(record.begin_time(), record.end_time());
    result.users[record.uid()].Add(record);
  };
  const auto add_if_within = [&](acct::RecordV3View record) {
    if (period.Contains(absl::FromUnixSeconds(record.end_time()))) add(record);
  };
  absl::StatusOr<acct::InputAccount> account = period.is_all()
                                                   ? acct::ForEachRecord(source, add)
                                                   : acct::ForEachRecord(source, add_if_within);
  if (!account.ok()) return account.status();
  result.account = *std::move(account);
  result.account.invalid_elapsed = invalid_elapsed;
  return result;
}

absl::StatusOr<acct::InputAccount> AggregateIntoBuckets(acct::ByteSource& source, uint64_t base,
                                                        BucketTotals& totals) {
  uint64_t invalid_elapsed = 0;
  absl::StatusOr<acct::InputAccount> account = acct::ForEachRecord(
      source,
      [&](acct::RecordV3View record) {
        invalid_elapsed += record.has_valid_elapsed() ? 0u : 1u;
        const int64_t end = record.end_time();
        totals.span.Cover(record.begin_time(), end);
        totals.usage[{record.uid(), BucketBegin(end, totals.width, totals.phase)}].Add(record);
      },
      base);
  if (account.ok()) account->invalid_elapsed = invalid_elapsed;
  return account;
}

}  // namespace cpuagg::aggregate
