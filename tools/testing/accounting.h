// Sums the CPU time of users from GNU sa and from cpuagg, and provides a namespace in which tests
// can turn accounting on without affecting the machine.

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

// Adds the output of `sa -u` for the accounting file at `path`.
void AddTotalsOfSa(const std::string& path, Totals& totals);

// The totals of the rows of `cpuagg report --format=json`.
Totals TotalsOfReport(const nlohmann::json& report);

// The report of a store, as JSON.
nlohmann::json ReportOfStore(const std::string& store);

// The user's row of a report; null if there is none.
nlohmann::json RowOf(uid_t user, const nlohmann::json& report);

// Turns accounting on for the file at this path, or off if it is "off".
Finished Accton(const std::string& what);

// A process id namespace with its own /proc. The kernel does separate accounting for each such
// namespace. So no process outside is recorded, and the machine's own accounting is not affected.
// Accounting ends with the namespace, and the namespace ends with the test, however that ends.
class AccountingNamespace {
 public:
  AccountingNamespace() : problem_(Make()) {}
  ~AccountingNamespace();
  AccountingNamespace(const AccountingNamespace&) = delete;
  AccountingNamespace& operator=(const AccountingNamespace&) = delete;

  // Why accounting cannot be turned on here for the file at `path`; empty if it is on.
  std::string TurnAccountingOn(const std::string& path) const;

  // Where programs run that the test starts from now on; inside at first. In both cases /proc is
  // that of the namespace.
  void StartInside() const;
  void StartOutside() const;

 private:
  std::string Make();

  int outside_ = -1;
  int inside_ = -1;
  pid_t init_ = -1;            // the namespace lives as long as this process
  const std::string problem_;  // why there is no namespace; empty if there is one
};

}  // namespace cpuagg::tools::testing

#endif  // CPUAGG_TOOLS_TESTING_ACCOUNTING_H_
