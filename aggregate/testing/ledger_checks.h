// What must hold for the store of a LedgerWorld, whatever happened.

#ifndef CPUAGG_AGGREGATE_TESTING_LEDGER_CHECKS_H_
#define CPUAGG_AGGREGATE_TESTING_LEDGER_CHECKS_H_

#include <cstdint>
#include <map>

#include "acct/testing/histories.h"
#include "aggregate/report/report.h"
#include "aggregate/store/snapshot_store.h"
#include "aggregate/usage/grouping.h"
#include "aggregate/usage/period.h"

namespace cpuagg::aggregate::testing {

// When a history begins, in seconds since 1970.
inline constexpr int64_t kLedgerBegin = 1'700'000'000;

Report ReportBy(const SnapshotStore& store, const Grouping& by, const Period& period = Period());

// uid -> ticks, without zeros.
using TicksByUser = std::map<uint32_t, uint64_t>;
TicksByUser TicksOf(const Report& report);

// In no bucket does an account have a negative sum, and its sum is that of its commands. Returns
// how many rows subtract from what earlier runs had counted.
uint64_t CheckCells(const SnapshotStore& store);

// The rows of the whole time add up to the totals, which are the same by user and by another
// grouping. Each has its turn, since a history has many runs.
void CheckSums(const SnapshotStore& store, uint64_t turn);

// The same for every day, and every hour of the last two days before `latest`. For older times
// there are no hours of commands, and days of commands only as long as there are hours of users.
void CheckSumsOfDays(const SnapshotStore& store, int64_t latest, int days_of_hours,
                     const acct::testing::Failures& failures);

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_LEDGER_CHECKS_H_
