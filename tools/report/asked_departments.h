// AskedDepartments(): the departments of --group-file, for --by department.

#ifndef CPUAGG_TOOLS_REPORT_ASKED_DEPARTMENTS_H_
#define CPUAGG_TOOLS_REPORT_ASKED_DEPARTMENTS_H_

#include "absl/status/statusor.h"
#include "aggregate/names/departments.h"
#include "aggregate/report/report.h"
#include "aggregate/usage/grouping.h"
#include "tools/config/command_context.h"

namespace cpuagg::tools {

// Empty if `by` has no departments. InvalidArgument if only one of --group-file and --by department
// is there. The errors of Departments::Load() have the name of the flag.
absl::StatusOr<aggregate::Departments> AskedDepartments(const CommandContext& context,
                                                        const aggregate::Grouping& by);

// Warns if no user of `report` is in the file, which may be one of other users, or have its columns
// in another order.
void WarnOfNoDepartment(const aggregate::Report& report, const aggregate::Departments& departments,
                        CommandContext& context);

}  // namespace cpuagg::tools

#endif  // CPUAGG_TOOLS_REPORT_ASKED_DEPARTMENTS_H_
