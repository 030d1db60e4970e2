// AccountingFixture: a store of a machine whose accounting is turned on and off.

#ifndef CPUAGG_AGGREGATE_TESTING_ACCOUNTING_FIXTURE_H_
#define CPUAGG_AGGREGATE_TESTING_ACCOUNTING_FIXTURE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "acct/kernel/accounting_probe.h"
#include "acct/testing/record_builder.h"
#include "aggregate/testing/collector_fixture.h"

namespace cpuagg::aggregate::testing {

class AccountingFixture : public CollectorFixture {
 protected:
  // From now on each run ends a process, and `is_on_` says whether it leaves a record.
  void ProbeAccounting() {
    probe_ = [this]() -> absl::StatusOr<acct::AccountingProbe> {
      const int64_t now = absl::ToUnixSeconds(now_);
      const acct::AccountingProbe probe = {
          .pid = ++pid_, .command = "cpuagg", .begin_time = now, .end_time = now, .reader = 1};
      if (is_on_) {
        dir_.Append("pacct", acct::testing::RecordBuilder()
                                 .Pid(probe.pid)
                                 .Command("cpuagg")
                                 .Flags(1)
                                 .BeginTime(static_cast<uint32_t>(now))
                                 .Bytes());
      }
      return probe;
    };
  }

  // Appends the record of a process that ends now.
  void Work() {
    dir_.Append("pacct", acct::testing::RecordBuilder()
                             .BeginTime(static_cast<uint32_t>(absl::ToUnixSeconds(now_)))
                             .Bytes());
  }

  bool is_on_ = true;
  uint32_t pid_ = 100;
};

}  // namespace cpuagg::aggregate::testing

#endif  // CPUAGG_AGGREGATE_TESTING_ACCOUNTING_FIXTURE_H_
