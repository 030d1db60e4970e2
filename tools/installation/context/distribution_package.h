// Installs the distribution's packages that cpuagg needs on a host: one that turns accounting on at
// each boot and rotates its file, and cron if nothing else can run jobs.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_DISTRIBUTION_PACKAGE_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_DISTRIBUTION_PACKAGE_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Whether some package rotates the accounting file.
bool IsAccountingRotated();

// Installs acct or psacct with the package manager of the system, if the admin agrees. A failure is
// printed and is not an error, since accounting can be turned on without the package. Cancelled if
// no answer can be read.
absl::Status InstallAccountingPackage(SetupContext& context);

// The same for cron or cronie.
absl::Status InstallCronPackage(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_DISTRIBUTION_PACKAGE_H_
