// Packages of the distribution that cpuagg needs on a host: the one that turns accounting on at
// each boot and rotates its file, and cron where nothing else runs anything by itself.

#ifndef CPUAGG_TOOLS_INSTALLATION_CONTEXT_DISTRIBUTION_PACKAGE_H_
#define CPUAGG_TOOLS_INSTALLATION_CONTEXT_DISTRIBUTION_PACKAGE_H_

#include "absl/status/status.h"
#include "tools/installation/context/setup_context.h"

namespace cpuagg::tools {

// Whether anything of a package's rotates the accounting file.
bool IsAccountingRotated();

// Installs acct or psacct with the package manager that there is, if the admin agrees. What fails
// is said, and no error: accounting can be turned on without it. Cancelled if there is no answer.
absl::Status InstallAccountingPackage(SetupContext& context);

// The same of cron, or of cronie.
absl::Status InstallCronPackage(SetupContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_INSTALLATION_CONTEXT_DISTRIBUTION_PACKAGE_H_
