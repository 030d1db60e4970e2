// How near `report` and `collect` come to the speed of the memory, as a table of `peers`.

#ifndef CPUAGG_BENCHMARKS_MEMORY_RATIOS_H_
#define CPUAGG_BENCHMARKS_MEMORY_RATIOS_H_

#include <vector>

#include "benchmarks/peer_files.h"
#include "benchmarks/process_comparison.h"

namespace cpuagg::benchmarks {

// Makes the files, and checks that what is compared gives the same results.
void PrepareMemoryRatios(const PeerFiles& files);
std::vector<Comparison> MemoryRatios(const PeerFiles& files);

// Prints the machine, the floor, the ratios and the peak memory.
void PrintMemoryRatios(const PeerFiles& files, int rounds);

}  // namespace cpuagg::benchmarks

#endif  // CPUAGG_BENCHMARKS_MEMORY_RATIOS_H_
