// The distribution's package that turns accounting on at each boot, and rotates its file.

#ifndef CPUAGG_TOOLS_INSTALLATION_ACCOUNTING_PACKAGE_H_
#define CPUAGG_TOOLS_INSTALLATION_ACCOUNTING_PACKAGE_H_

#include "absl/status/status.h"
#include "tools/installation/setup_context.h"

namespace cpuagg::tools {

// Whether anything of a package's rotates the accounting file.
bool IsAccountingRotated();

// Installs acct or psacct with the package manager that there is, if the admin agrees. What fails
// is said, and no error: accounting can be turned on without it. Cancelled if there is no answer.
absl::Status InstallAccountingPackage(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_ACCOUNTING_PACKAGE_H_
