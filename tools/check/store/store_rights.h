// Checks who owns a store, and whether the collector may write to it.

#ifndef CPUAGG_TOOLS_CHECK_STORE_STORE_RIGHTS_H_
#define CPUAGG_TOOLS_CHECK_STORE_STORE_RIGHTS_H_

#include <sys/stat.h>

#include <string>

#include "tools/check/findings/finding.h"
#include "tools/check/schedule/schedule_checks.h"
#include "tools/check/store/store_files.h"

namespace cpuagg::tools::check {

// The finding "store_owner", for the folder `store`, whose status is `directory`.
Finding CheckStoreOwner(const std::string& store, const Collector& collector,
                        const Inventory& inventory, const struct stat& directory);

// The finding "store_writable".
Finding CheckStoreWritable(const std::string& store, const Collector& collector);

}  // namespace cpuagg::tools::check

#endif  // CPUAGG_TOOLS_CHECK_STORE_STORE_RIGHTS_H_
