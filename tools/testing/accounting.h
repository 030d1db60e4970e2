// The CPU that users have used, by GNU sa and by cpuagg, and a part of the machine in which
// accounting can be turned on without anybody else's notice.

#ifndef CPUAGG_TOOLS_TESTING_ACCOUNTING_H_
#define CPUAGG_TOOLS_TESTING_ACCOUNTING_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "nlohmann/json.hpp"
#include "tools/testing/process.h"

namespace cpuagg::tools::testing {

// Name, or signed id, as sa prints it -> (processes, hundredths of CPU seconds).
using Totals = std::map<std::string, std::pair<uint64_t, uint64_t>>;

// Adds what `sa -u` says of the accounting file at `path`.
void AddTotalsOfSa(const std::string& path, Totals& totals);

// Of the rows of `cpuagg report --format=json`.
Totals TotalsOfReport(const nlohmann::json& report);

// What `cpuagg report` says of a store, as JSON.
nlohmann::json ReportOfStore(const std::string& store);

// The user's row of a report; null if there is none.
nlohmann::json RowOf(uid_t user, const nlohmann::json& report);

// Turns accounting on for the file at this path, or "off".
Finished Accton(const std::string& what);

// A process id namespace with a /proc of its own. The kernel accounts for each such namespace
// separately, so that nobody outside is recorded, and whatever accounts for the machine is left
// alone. Accounting ends with the namespace, and the namespace with the test, however that ends.
class AccountingNamespace {
 public:
  AccountingNamespace() : problem_(Make()) {}
  ~AccountingNamespace();
  AccountingNamespace(const AccountingNamespace&) = delete;
  AccountingNamespace& operator=(const AccountingNamespace&) = delete;

  // Why accounting for the file at `path` is not to be had here; empty if it is on.
  std::string TurnAccountingOn(const std::string& path) const;

  // Where the programs that the test starts from now on run; at first inside. /proc is that of the
  // inside for both.
  void StartInside() const;
  void StartOutside() const;

 private:
  std::string Make();

  int outside_ = -1;
  int inside_ = -1;
  pid_t init_ = -1;            // the namespace lives as long as it does
  const std::string problem_;  // why there is no namespace; empty if there is
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_ACCOUNTING_H_
