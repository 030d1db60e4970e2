// DepartmentFinder: finds who has no department in a report by department, and which users of the
// list do not appear in it.

#ifndef CPUAGG_AGGREGATE_REPORT_DEPARTMENT_FINDER_H_
#define CPUAGG_AGGREGATE_REPORT_DEPARTMENT_FINDER_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "acct/record/exact_time.h"
#include "aggregate/report/report.h"

namespace cpuagg::aggregate {

class DepartmentFinder {
 public:
  // Adds rows of users, with their departments. Does nothing if the report has no departments.
  void Add(const ReportOptions& options, const std::vector<ReportRow>& rows);

  DepartmentUse Found(const ReportOptions& options) const;

 private:
  std::set<std::string> found_;                     // names, and ids in digits
  std::map<std::string, acct::ExactTime> without_;  // the CPU time of those without a department
};

}  // namespace cpuagg::aggregate

#endif  // CPUAGG_AGGREGATE_REPORT_DEPARTMENT_FINDER_H_
