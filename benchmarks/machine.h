// The machine of a measurement.

#ifndef CPUAGG_BENCHMARKS_MACHINE_H_
#define CPUAGG_BENCHMARKS_MACHINE_H_

#include <string>

namespace cpuagg::benchmarks {

// "AMD EPYC, 2 processors, 24 GB, Linux 6.18.5, files on ext4". The files are those in `directory`.
std::string MachineText(const std::string& directory);

}  // namespace cpuagg::benchmarks

#endif  // CPUAGG_BENCHMARKS_MACHINE_H_
